import type { Position, RecordedEvent } from '../events/index.ts';
import { type Finding, findingAt } from './findings.ts';

/** What somebody outside of the log remembers of an event. */
export interface WitnessedEvent {
  readonly position: Position;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly hash: string;
}

/** Events that were seen in the log, page by page, in the order of their positions. It need not have seen all of them. */
export type Witness = AsyncIterable<readonly WitnessedEvent[]>;

/** Holds what the log has against what the witness saw, both in the order of the positions. */
export interface Confrontation {
  /** With the next event of the log. */
  meet(event: RecordedEvent): Promise<readonly Finding[]>;
  /** With the end of the log: whatever the witness saw behind it is gone. */
  end(): Promise<readonly Finding[]>;
  /** Events that it has spoken of. */
  seen(): number;
}

export const confrontation = (witness: Witness): Confrontation => {
  const pages = witness[Symbol.asyncIterator]();
  let page: readonly WitnessedEvent[] = [];
  let at = 0;
  let seen = 0;
  let over = false;

  const next = async (): Promise<WitnessedEvent | null> => {
    while (!over && at >= page.length) {
      const result = await pages.next();
      over = result.done === true;
      page = result.done === true ? [] : result.value;
      at = 0;
    }
    return page[at] ?? null;
  };
  const taken = (): void => {
    at += 1;
    seen += 1;
  };

  return {
    seen: () => seen,
    meet: async (event) => {
      const findings: Finding[] = [];
      for (
        let known = await next();
        known !== null && known.position <= event.position;
        known = await next()
      ) {
        taken();
        if (known.position < event.position) findings.push(gone(known));
        else if (known.hash !== event.hash || known.id !== event.id) findings.push(other(known, event));
      }
      return findings;
    },
    end: async () => {
      const findings: Finding[] = [];
      for (let known = await next(); known !== null; known = await next()) {
        taken();
        findings.push(gone(known));
      }
      return findings;
    },
  };
};

const gone = (known: WitnessedEvent): Finding =>
  findingAt(
    'removed',
    known as WitnessedEvent & Pick<RecordedEvent, 'stream'>,
    `Revision ${known.revision} of ${known.stream} was in the log when the read models read it, and is not there any more.`,
  );

const other = (known: WitnessedEvent, event: RecordedEvent): Finding => {
  const place = `${known.stream} (revision ${known.revision})`;
  return known.id === event.id
    ? findingAt('changed', event, `${place} is not the event that the read models read: it was changed.`)
    : findingAt('reordered', event, `At this position the read models read ${known.id} of ${place}.`);
};
