import { canonicalJson, sha256 } from '../canonical/index.ts';
import type { RecordedEvent } from './envelope.ts';
import type { StreamName } from './identifiers.ts';

/**
 * Every event carries a hash, and the hash covers the one before it in its stream:
 *
 *     hash(n) = SHA-256( hash(n - 1) + canonical JSON of { data, id, metadata, revision, stream, time, type, version } )
 *
 * in UTF-8, hashes in lower-case hex, 64 zeros before the first event. So an event that was changed, left out, put in or
 * moved later breaks its stream's chain at that place, and the last hash of a stream vouches for all of it. The position is
 * not covered: a stream brought to another store keeps its hashes. Covered is what was appended, after redaction; an event
 * that was upcast on reading does not fit its hash any more, so read with `asRecorded` to verify.
 */
export const hashBeforeTheFirst = '0'.repeat(64);

/** What an event's hash covers beside the hash before it. */
export type ChainedEvent = Omit<RecordedEvent, 'position' | 'hash'>;

export const chainedText = ({
  data,
  id,
  metadata,
  revision,
  stream,
  time,
  type,
  version,
}: ChainedEvent): string => canonicalJson({ data, id, metadata, revision, stream, time, type, version });

export const chainHash = (previousHash: string, text: string): string => sha256(previousHash + text);

export interface ChainBreak {
  readonly stream: StreamName;
  readonly revision: number;
  readonly eventId: string;
  /** `revision`: an event is missing, doubled or out of order before it; `content`: it is not what its hash was made of. */
  readonly kind: 'revision' | 'content';
  /** One sentence for a person. */
  readonly detail: string;
}

export type ChainVerdict =
  | {
      readonly intact: true;
      readonly events: number /** The last hash of every stream seen. */;
      readonly heads: ReadonlyMap<StreamName, string>;
    }
  | { readonly intact: false; readonly events: number; readonly firstBreak: ChainBreak };

export interface ChainVerifier {
  /** Takes the next event of its stream; says what does not fit, null when all does. */
  check(event: RecordedEvent): ChainBreak | null;
  heads(): ReadonlyMap<StreamName, string>;
}

/** Verifies any number of streams side by side, each from its first event and in its order. */
export const chainVerifier = (): ChainVerifier => {
  const last = new Map<StreamName, { revision: number; hash: string }>();
  return {
    check: (event) => {
      const { revision, hash } = last.get(event.stream) ?? { revision: -1, hash: hashBeforeTheFirst };
      const at = { stream: event.stream, revision: event.revision, eventId: event.id };
      if (event.revision !== revision + 1) {
        return {
          ...at,
          kind: 'revision',
          detail: `${event.stream} goes from revision ${revision} to ${event.revision}.`,
        };
      }
      if (chainHash(hash, chainedText(event)) !== event.hash) {
        return {
          ...at,
          kind: 'content',
          detail: `Revision ${event.revision} of ${event.stream} (${event.type}) or what stood before it was changed: its hash does not fit.`,
        };
      }
      last.set(event.stream, { revision: event.revision, hash: event.hash });
      return null;
    },
    heads: () => new Map([...last].map(([stream, { hash }]) => [stream, hash])),
  };
};

/** Verifies events as they were recorded, whole streams from their first event; names the first one that does not fit. */
export const verifyChain = (events: Iterable<RecordedEvent>): ChainVerdict => {
  const verifier = chainVerifier();
  let checked = 0;
  for (const event of events) {
    const firstBreak = verifier.check(event);
    if (firstBreak) return { intact: false, events: checked, firstBreak };
    checked += 1;
  }
  return { intact: true, events: checked, heads: verifier.heads() };
};
