import {
  chainedText,
  chainHash,
  hashBeforeTheFirst,
  type RecordedEvent,
  type StreamName,
} from '../events/index.ts';
import { type Finding, findingAt } from './findings.ts';

/** Looks at each stream's own chain, side by side, and goes on behind what does not fit. */
export interface StreamVerifier {
  check(event: RecordedEvent): readonly Finding[];
  /** The last hash of every stream seen. */
  heads(): ReadonlyMap<StreamName, { readonly revision: number; readonly hash: string }>;
}

export const streamVerifier = (): StreamVerifier => {
  const last = new Map<StreamName, { revision: number; hash: string }>();
  return {
    heads: () => last,
    check: (event) => {
      const { stream, revision, hash } = event;
      const before = last.get(stream) ?? { revision: -1, hash: hashBeforeTheFirst };
      if (revision <= before.revision) return [outOfPlace(event, before.revision)];
      last.set(stream, { revision, hash });
      if (revision > before.revision + 1) return [gap(event, before.revision)];
      return chainHash(before.hash, chainedText(event)) === hash ? [] : [misfit(event)];
    },
  };
};

/** Not looked at any further: what stands in a revision twice is one too many, whichever of them. */
const outOfPlace = (event: RecordedEvent, last: number): Finding =>
  findingAt(
    'inserted',
    event,
    `Revision ${event.revision} of ${event.stream} (${event.type}) comes after revision ${last}: it was put in, or moved.`,
  );

const gap = (event: RecordedEvent, last: number): Finding => {
  const [from, to] = [last + 1, event.revision - 1];
  const which = from === to ? `revision ${from}` : `revisions ${from} to ${to}`;
  const sentence = `${event.stream} has no ${which}: it was removed, or moved behind revision ${event.revision}.`;
  return { ...findingAt('removed', event, sentence), eventId: null, revision: from };
};

const misfit = (event: RecordedEvent): Finding =>
  findingAt(
    'changed',
    event,
    event.revision === 0
      ? `Revision 0 of ${event.stream} (${event.type}) was changed: its hash does not fit.`
      : `Revision ${event.revision} of ${event.stream} (${event.type}) or the one before it was changed: their hashes do not fit.`,
  );
