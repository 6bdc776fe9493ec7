import { sha256 } from '../canonical/index.ts';
import {
  hashBeforeTheFirst,
  parseStreamName,
  type RecordedEvent,
  type SealedPlace,
} from '../events/index.ts';

/**
 * The chain over the whole log, in the store's order and without the seals themselves:
 *
 *     head(n) = SHA-256( head(n - 1) + stream + " " + revision + " " + hash )
 *
 * An event's hash covers what it says and its place in its stream; this covers its place among those of all others, and so that
 * there are no more and no fewer. No position is in it: a log that is brought to another store keeps its chain.
 */
export interface LogChain {
  /** Events, seals not counted. */
  readonly total: number;
  readonly head: string;
}

export const emptyLogChain: LogChain = { total: 0, head: hashBeforeTheFirst };

type Linked = Pick<RecordedEvent, 'stream' | 'revision' | 'hash'>;

export const linked = ({ total, head }: LogChain, { stream, revision, hash }: Linked): LogChain => ({
  total: total + 1,
  head: sha256(`${head}${stream} ${revision} ${hash}`),
});

export const isSeal = ({ stream }: Pick<RecordedEvent, 'stream'>): boolean =>
  parseStreamName(stream).category === 'seal';

export const placeOfEvent = ({ stream, revision, id }: RecordedEvent): SealedPlace => ({
  stream,
  revision,
  eventId: id,
});
