import type { EventStore } from '@partitura/shared/event-store';
import type { JobQueue } from '@partitura/shared/job-queue';
import type { Clock, Component, HealthCheck, Logger } from '@partitura/shared/runtime';
import { enqueueAll, type Outstanding, outstandingOf } from '../reactors/outstanding.ts';
import type { Alarm } from '../runs/alarm.ts';
import { nextDueOf, type RunOutline } from '../runs/outline.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import { type LiveRuns, liveRuns } from './live-runs.ts';
import { type JobsByQueue, refill } from './refill.ts';
import { type ReopeningsDependencies, reopenings } from './reopenings.ts';

export interface SweepDependencies {
  readonly store: EventStore;
  readonly queue: JobQueue;
  readonly runs: RunHandler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alarm: Pick<Alarm, 'set'>;
  readonly projects: ReopeningsDependencies['projects'];
  /** From the end of one sweep to the beginning of the next. */
  readonly everyMs: number;
}

export interface Sweep extends Component {
  readonly health: HealthCheck;
  /** When a run that is not in memory here is due next, by the log as it is now; null for never. */
  readonly dueOf: (runId: string) => Promise<number | null>;
}

interface Watched {
  revision: number;
  /** When it was first seen at this revision. */
  since: number;
  /** How long it has to be quiet until what it waits for is offered again; doubled each time. */
  patienceMs: number;
}

/** Runs that are looked at together. */
const atOnce = 16;
/** Who brought the run on sets its timers, and is on time; whoever only watches leaves him so long. */
const courtesyMs = 2_000;
/** A run that nothing happens to waits for somebody at work, or for a job that is lost. */
const quietMs = 60_000;
/** A run that nothing has happened to for so long leaves the memory; its outline stays. */
const idleMs = 5 * 60_000;

/**
 * Again and again, every live run: that somebody wakes for its deadlines and backoffs, and that what it waits for is on the queue.
 * Timers are in the memory of the replica that brought a run on last, jobs in a queue that may lose them; the log has both. Each
 * replica sweeps: two that do the same are harmless, because the decider decides once and a job's id is there once.
 *
 * A sweep reads which runs began and ended since the last one, and one page of each live run: what is new in it.
 */
export const createSweep = (dependencies: SweepDependencies): Sweep => {
  const { store, queue, runs, clock, logger, alarm, everyMs } = dependencies;
  const live: LiveRuns = liveRuns(store, runs);
  const watched = new Map<string, Watched>();
  const stopping = new AbortController();
  const missing = refill(queue, clock, stopping.signal);
  const halfOpened = reopenings(dependencies);
  let failure: unknown = null;
  let sweeping: Promise<void> | null = null;

  const lookAtAll = async (look: (runId: string, outline: RunOutline) => Promise<void>): Promise<void> => {
    const waiting = [...live.ids()];
    const failed: unknown[] = [];
    const one = async (): Promise<void> => {
      for (let runId = waiting.pop(); runId !== undefined; runId = waiting.pop()) {
        try {
          const outline = await live.look(runId);
          if (outline) await look(runId, outline);
        } catch (error) {
          // One run whose stream cannot be read must not keep the others from being looked at.
          failed.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    if (failed.length > 0) throw failed[0];
  };

  const watch = (runId: string, outline: RunOutline, leaveMs: number): Watched => {
    const known = watched.get(runId);
    if (known?.revision === outline.revision) return known;
    const due = nextDueOf(outline);
    if (due !== null) alarm.set(runId, due + (runs.knows(runId) ? 0 : leaveMs));
    const now: Watched = { revision: outline.revision, since: clock.now(), patienceMs: quietMs };
    watched.set(runId, now);
    return now;
  };

  /** What was lost one by one; a wiped queue is found out by its number of jobs. */
  const offerWhenQuiet = async (runId: string, outline: RunOutline, run: Watched): Promise<void> => {
    const quiet = clock.now() - run.since;
    if (quiet >= idleMs) runs.forget(runId);
    if (quiet < run.patienceMs) return;
    run.patienceMs *= 2;
    await enqueueAll(queue, outstandingOf(runId, outline));
  };

  const collector = () => {
    const plan: Outstanding['plan'][number][] = [];
    const attempts: Outstanding['attempts'][number][] = [];
    return {
      add: (outstanding: Outstanding) => {
        plan.push(...outstanding.plan);
        attempts.push(...outstanding.attempts);
      },
      jobs: (): JobsByQueue => ({ plan, attempts }),
    };
  };

  const collect = async (): Promise<JobsByQueue> => {
    const all = collector();
    await lookAtAll(async (runId, outline) => all.add(outstandingOf(runId, outline)));
    return all.jobs();
  };

  const dropEnded = (): void => {
    const ids = new Set(live.ids());
    for (const runId of watched.keys()) if (!ids.has(runId)) watched.delete(runId);
  };

  const sweep = async (): Promise<void> => {
    const counted = await missing.count();
    await live.follow();
    dropEnded();
    await halfOpened.settle(new Set(live.ids()));
    const all = collector();
    await lookAtAll(async (runId, outline) => {
      all.add(outstandingOf(runId, outline));
      await offerWhenQuiet(runId, outline, watch(runId, outline, courtesyMs));
    });
    const offered = await missing.compare(counted, all.jobs(), collect);
    if (offered > 0)
      logger.warn({ jobs: offered }, 'Jobs were missing on the queue and are put there again.');
  };

  /** At the start nobody may be there whom to leave a timer to, and the queue may be empty. */
  const takeUp = async (): Promise<void> => {
    await live.follow();
    const all = collector();
    await lookAtAll(async (runId, outline) => {
      watch(runId, outline, 0);
      const outstanding = outstandingOf(runId, outline);
      all.add(outstanding);
      await enqueueAll(queue, outstanding);
    });
    missing.remember(all.jobs());
    const { length } = live.ids();
    if (length > 0) logger.info({ runs: length }, 'Taking runs up again.');
  };

  const sweepAgainAndAgain = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, stopping.signal);
      try {
        await sweep();
        failure = null;
      } catch (error) {
        if (stopping.signal.aborted) return;
        failure = error;
        logger.warn({ error }, 'Not every live run could be looked at; all are, next time.');
      }
    }
  };

  return {
    name: 'sweep',
    start: async () => {
      await takeUp();
      sweeping = sweepAgainAndAgain().catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
    },
    stop: async () => {
      stopping.abort();
      await sweeping;
    },
    dueOf: async (runId) => {
      const outline = await live.look(runId);
      return outline === null ? null : nextDueOf(outline);
    },
    health: {
      name: 'orchestrator.sweep',
      check: async () =>
        failure === null
          ? null
          : `live runs cannot be looked at: ${Error.isError(failure) ? failure.message : String(failure)}`,
    },
  };
};
