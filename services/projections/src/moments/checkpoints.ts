import type { Moment } from './moment.ts';
import type { RunFold } from './run-fold.ts';

/**
 * Runs as they were folded on the way to some moment, so that the next one is not folded from the beginning. A cache: bounded, and
 * what is dropped is only folded again.
 */
export interface Checkpoints {
  /** The latest one that has nothing in it that is later than the moment; a fold of its own for whoever asks. */
  before(runId: string, moment: Moment): RunFold | null;
  /** Keeps it where the last one before it is far enough away. */
  offer(runId: string, fold: RunFold): void;
  clear(): void;
}

export interface CheckpointOptions {
  /** Events from one to the next. Default 500: a page of history. */
  readonly spacing?: number;
  /** Documents in all of them, the shared ones counted in each: some 60 bytes each, and the changed ones whole. Default 400,000. */
  readonly mostDocuments?: number;
}

interface Kept {
  readonly fold: RunFold;
  readonly size: number;
}

const isWithin = ({ position, latest }: RunFold, moment: Moment): boolean =>
  position !== null && ('position' in moment ? position <= moment.position : latest <= moment.time);

export const checkpoints = ({
  spacing = 500,
  mostDocuments = 400_000,
}: CheckpointOptions = {}): Checkpoints => {
  /** By run, the one asked for longest ago first; each in the order of positions. */
  const runs = new Map<string, Kept[]>();
  let documents = 0;

  const used = (runId: string, kept: Kept[]): void => {
    runs.delete(runId);
    runs.set(runId, kept);
  };
  const sizeOf = (kept: readonly Kept[]): number => kept.reduce((sum, { size }) => sum + size, 0);

  /** Of the run that was asked for longest ago all; of the only one, every other. */
  const makeRoom = (): void => {
    const [oldest] = runs;
    if (!oldest) return;
    const [runId, kept] = oldest;
    const rest = runs.size > 1 ? [] : kept.filter((_, index) => index % 2 === 1);
    documents -= sizeOf(kept) - sizeOf(rest);
    if (rest.length > 0) runs.set(runId, rest);
    else runs.delete(runId);
  };

  return {
    before: (runId, moment) => {
      const kept = runs.get(runId);
      if (!kept) return null;
      used(runId, kept);
      return kept.findLast(({ fold }) => isWithin(fold, moment))?.fold.branch() ?? null;
    },
    offer: (runId, fold) => {
      const kept = runs.get(runId) ?? [];
      const after = kept.findIndex((one) => one.fold.events > fold.events);
      const at = after < 0 ? kept.length : after;
      const near = [kept[at - 1], kept[at]].some(
        (one) => one !== undefined && Math.abs(one.fold.events - fold.events) < spacing,
      );
      if (near || fold.events < spacing) return;
      const size = fold.size();
      kept.splice(at, 0, { fold: fold.branch(), size });
      documents += size;
      used(runId, kept);
      while (documents > mostDocuments && runs.size > 0) makeRoom();
    },
    clear: () => {
      runs.clear();
      documents = 0;
    },
  };
};
