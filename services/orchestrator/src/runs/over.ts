import type { EventStore } from '@partitura/shared/event-store';
import {
  type Amount,
  type RecordedIn,
  type RunConfiguration,
  recordedIn,
  streamName,
  tokensOf,
} from '@partitura/shared/events';
import { isEnded, type Run, type RunStatus } from './state.ts';

/** What there is left to say of a run that nothing will change any more. */
export interface RunOver {
  readonly projectId: string;
  readonly status: RunStatus;
  readonly spent: Amount;
  /** Of its phases, by their ids. */
  readonly titles: ReadonlyMap<string, string>;
}

interface Remembered extends RunOver {
  /** Somebody may open it again, unless the stream still ends here. */
  readonly unlessAfter: number | null;
}

/**
 * Runs that are over, each a few hundred bytes. A topic that is replayed brings a run's thousands of events again, and each would fold
 * the run again, because a run that ended leaves the memory.
 */
export interface RunsOver {
  /** A run that was folded, and whether it is over: it ended, and nobody has to tell any more what he spent. */
  note(run: Run, revision: number): boolean;
  /** null when it is not, or not known to be. Reads at the most two events. */
  find(runId: string): Promise<RunOver | null>;
}

const most = 10_000;

export const runsOver = (store: EventStore): RunsOver => {
  const remembered = new Map<string, Remembered>();

  const remember = (runId: string, over: Remembered): void => {
    remembered.delete(runId);
    remembered.set(runId, over);
    const [oldest] = remembered.keys();
    if (remembered.size > most && oldest !== undefined) remembered.delete(oldest);
  };

  const one = async (
    runId: string,
    options: Parameters<EventStore['readStream']>[1],
  ): Promise<RecordedIn<'run'> | undefined> => {
    const pages = await Array.fromAsync(store.readStream(streamName('run', runId), { ...options, limit: 1 }));
    return recordedIn('run', pages.flat())[0];
  };

  /** A run that completed says by its first and its last word all there is to say. */
  const completed = async (runId: string): Promise<Remembered | null> => {
    const last = await one(runId, { direction: 'backwards' });
    if (last?.type !== 'run.completed') return null;
    const first = await one(runId, {});
    if (first?.type !== 'run.created') return null;
    const { projectId, configuration } = first.data;
    const { usage } = last.data;
    const spent = { tokens: tokensOf(usage), microUsd: usage.costMicroUsd };
    const titles = titlesOf(configuration);
    return { projectId, status: 'completed', spent, titles, unlessAfter: last.revision };
  };

  return {
    note: (run, revision) => {
      if (!isEnded(run) || run.ledger.held.size > 0) return false;
      const { spent } = run.ledger;
      remember(run.id, {
        projectId: run.projectId,
        status: run.status,
        spent: { tokens: tokensOf(spent), microUsd: spent.costMicroUsd },
        titles: titlesOf(run.configuration),
        unlessAfter: mayBeReopened(run) ? revision : null,
      });
      return true;
    },
    find: async (runId) => {
      const known = remembered.get(runId);
      const over = known ?? (await completed(runId));
      if (!over) return null;
      const isOpenedAgain =
        over.unlessAfter !== null && (await one(runId, { from: over.unlessAfter + 1 })) !== undefined;
      if (isOpenedAgain) remembered.delete(runId);
      else remember(runId, over);
      return isOpenedAgain ? null : over;
    },
  };
};

/** Dead letters are tried again, and what was done may be rejected afterwards. */
const mayBeReopened = ({ status, failure }: Run): boolean =>
  status === 'completed' || failure?.code === 'TASKS_DEAD_LETTERED';

const titlesOf = ({ workflow }: RunConfiguration): ReadonlyMap<string, string> =>
  new Map(workflow.phases.map(({ id, title }) => [id, title]));
