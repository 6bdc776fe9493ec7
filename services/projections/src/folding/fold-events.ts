import type { RecordedEvent } from '@partitura/shared/events';
import { type Folded, folding, type LoadDocuments } from './folding.ts';
import { noPast, type PastOf } from './past.ts';
import type { Projection } from './projection.ts';

export type { Folded, LoadDocuments, PoisonedEvent } from './folding.ts';

/** For a fold in memory that begins with nothing. */
export const nothingStored: LoadDocuments = async (ids) => ids.map(() => undefined);

/**
 * Folds a batch: what it touches is read once, before; what has to be there after it comes back, to be written once. An event that is
 * in a document already (another instance wrote it, or a batch was written in part) changes nothing, but its document comes back as
 * well: between the reading and the writing it may be wiped, and a checkpoint that moved without it would leave it out for ever.
 * Where a run was forked, what it has inherited is folded first.
 */
export const foldEvents = async (
  projection: Projection,
  events: readonly RecordedEvent[],
  load: LoadDocuments,
  pastOf: PastOf = noPast,
): Promise<Folded> => {
  const fold = folding(projection, load);
  let rest = events;
  while (rest.length > 0) {
    const fork = projection.inherits ? rest.findIndex(({ type }) => type === 'run.forked') : -1;
    const forked = rest[fork];
    await fold.take(forked ? rest.slice(0, fork) : rest);
    if (forked) {
      const past = await pastOf(forked);
      await fold.fork(past.forked, past.events);
    }
    rest = forked ? rest.slice(fork + 1) : [];
  }
  return fold.folded();
};
