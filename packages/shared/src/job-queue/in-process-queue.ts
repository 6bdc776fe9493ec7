import { backoffAfter, type Clock, type Logger } from '../runtime/index.ts';
import { alarm } from './alarm.ts';
import { defaultPriority, jobRemoved, jobTakenOver } from './checks.ts';
import { isHandedBack } from './handing-back.ts';
import { line } from './line.ts';
import type { Delivery, Job, QueueCounts, RunningWorker, WorkerOptions } from './port.ts';

/**
 * Where a job is:
 *
 *     enqueue ──► waiting ──► active ──► gone        finished, given up or removed
 *        │           ▲          │
 *        └► delayed ─┘          ├──► delayed         failed, and to be tried again
 *                               └──► waiting         lost with its worker
 */
type Place = 'waiting' | 'delayed' | 'active' | 'gone';

interface Entry {
  readonly job: Job;
  readonly priority: number;
  /** Order of arrival: jobs of one priority are handed out as they came. */
  readonly sequence: number;
  place: Place;
  dueAt: number;
  deliveries: number;
  failures: number;
  stalled: boolean;
}

/** A worker's hold on a job. Without it what the worker says of the job does not count any more. */
interface Hold {
  readonly entry: Entry;
  readonly controller: AbortController;
  lost: boolean;
  removed: boolean;
  /** Enqueued again after it was removed, while its worker was still winding down. */
  again: Job | null;
}

interface Worker {
  // The payload is whatever was enqueued: the queue carries it, it does not look at it.
  readonly options: WorkerOptions<unknown>;
  readonly holds: Set<Hold>;
  whenIdle: (() => void) | null;
}

type Outcome = { kind: 'finished' } | { kind: 'failed'; error: unknown };

/** One named queue in this process. */
export interface InProcessQueue {
  enqueue(jobs: readonly Job[]): void;
  remove(id: string): void;
  work(options: WorkerOptions<unknown>): RunningWorker;
  counts(): QueueCounts;
  close(): void;
}

export const inProcessQueue = (name: string, clock: Clock, logger: Logger): InProcessQueue => {
  const entries = new Map<string, Entry>();
  const holds = new Map<string, Hold>();
  const workers = new Set<Worker>();
  let arrivals = 0;

  const waiting = line<Entry>(
    (left, right) => left.priority - right.priority || left.sequence - right.sequence,
    ({ place }) => place === 'waiting',
  );
  const delayed = line<Entry>(
    (left, right) => left.dueAt - right.dueAt || left.sequence - right.sequence,
    ({ place }) => place === 'delayed',
  );

  const wait = (entry: Entry) => {
    entry.place = 'waiting';
    waiting.push(entry);
  };

  const delay = (entry: Entry, ms: number) => {
    entry.place = 'delayed';
    entry.dueAt = clock.now() + ms;
    delayed.push(entry);
    wakeUp.setFor(entry.dueAt);
  };

  const forget = (entry: Entry) => {
    entry.place = 'gone';
    entries.delete(entry.job.id);
  };

  const add = (job: Job) => {
    const delayMs = job.delayMs ?? 0;
    const entry: Entry = {
      job,
      priority: job.priority ?? defaultPriority,
      sequence: arrivals++,
      place: 'waiting',
      dueAt: 0,
      deliveries: 0,
      failures: 0,
      stalled: false,
    };
    entries.set(job.id, entry);
    if (delayMs > 0) delay(entry, delayMs);
    else wait(entry);
  };

  const releaseDue = () => {
    const now = clock.now();
    for (let first = delayed.peek(); first; first = delayed.peek()) {
      if (first.dueAt > now) {
        wakeUp.setFor(first.dueAt);
        break;
      }
      delayed.pop();
      wait(first);
    }
    dispatch();
  };
  const wakeUp = alarm(clock, releaseDue);

  /** The one with the most room, so that work is spread over workers. */
  const freeWorker = (): Worker | null => {
    let best: Worker | null = null;
    let mostRoom = 0;
    for (const worker of workers) {
      const room = worker.options.concurrency - worker.holds.size;
      if (room > mostRoom) {
        best = worker;
        mostRoom = room;
      }
    }
    return best;
  };

  const dispatch = () => {
    while (waiting.size() > 0) {
      const worker = freeWorker();
      if (!worker) return;
      const entry = waiting.pop();
      if (!entry) return;
      deliver(entry, worker);
    }
  };

  const deliver = (entry: Entry, worker: Worker) => {
    entry.place = 'active';
    entry.deliveries += 1;
    const hold: Hold = { entry, controller: new AbortController(), lost: false, removed: false, again: null };
    worker.holds.add(hold);
    holds.set(entry.job.id, hold);
    const delivery: Delivery = {
      id: entry.job.id,
      payload: entry.job.payload,
      delivery: entry.deliveries,
      stalled: entry.stalled,
      signal: hold.controller.signal,
    };
    entry.stalled = false;
    // In a microtask: the handler's first steps are not part of whoever enqueued. Its job may be gone by then.
    Promise.resolve()
      .then(() => (delivery.signal.aborted ? undefined : worker.options.handle(delivery)))
      .then(
        () => settle(worker, hold, delivery, { kind: 'finished' }),
        (error: unknown) => settle(worker, hold, delivery, { kind: 'failed', error }),
      );
  };

  const settle = (worker: Worker, hold: Hold, delivery: Delivery, outcome: Outcome) => {
    if (hold.lost) return;
    release(worker, hold);
    if (hold.removed) replace(hold);
    else if (outcome.kind === 'finished') forget(hold.entry);
    else if (isHandedBack(outcome.error)) putBack(hold.entry);
    else fail(worker, hold.entry, delivery, outcome.error);
    if (worker.holds.size === 0) worker.whenIdle?.();
    dispatch();
  };

  const release = (worker: Worker, hold: Hold) => {
    worker.holds.delete(hold);
    holds.delete(hold.entry.job.id);
  };

  const replace = (hold: Hold) => {
    forget(hold.entry);
    if (hold.again) add(hold.again);
  };

  const fail = (worker: Worker, entry: Entry, delivery: Delivery, error: unknown) => {
    const { retry, onGivenUp } = worker.options;
    entry.failures += 1;
    if (entry.failures < retry.maxDeliveries) {
      delay(entry, backoffAfter(retry, entry.failures));
      return;
    }
    forget(entry);
    try {
      onGivenUp(delivery, error);
    } catch (thrown) {
      logger.error({ error: thrown, queue: name, job: delivery.id }, 'the report of a job given up failed');
    }
  };

  const putBack = (entry: Entry) => {
    entry.stalled = true;
    wait(entry);
  };

  /** What a closed worker still has in hand goes back into the line; it was not the job's fault. */
  const takeOver = (worker: Worker) => {
    for (const hold of [...worker.holds]) {
      hold.lost = true;
      release(worker, hold);
      hold.controller.abort(jobTakenOver(name, hold.entry.job.id));
      if (hold.removed) {
        replace(hold);
        continue;
      }
      putBack(hold.entry);
    }
  };

  const closeWorker = async (worker: Worker, graceMs: number): Promise<void> => {
    workers.delete(worker);
    if (worker.holds.size > 0 && graceMs > 0) {
      const enough = new AbortController();
      const idle = new Promise<void>((resolve) => {
        worker.whenIdle = resolve;
      });
      await Promise.race([idle, clock.sleep(graceMs, enough.signal).catch(() => {})]);
      enough.abort();
    }
    takeOver(worker);
    dispatch();
  };

  return {
    enqueue: (jobs) => {
      for (const job of jobs) {
        const hold = holds.get(job.id);
        if (hold?.removed) hold.again ??= job;
        else if (!entries.has(job.id)) add(job);
      }
      dispatch();
    },
    remove: (id) => {
      const entry = entries.get(id);
      if (!entry) return;
      const hold = holds.get(id);
      if (hold) {
        hold.removed = true;
        hold.again = null;
        hold.controller.abort(jobRemoved(name, id));
        return;
      }
      const where = entry.place === 'delayed' ? delayed : waiting;
      forget(entry);
      where.left();
    },
    work: (options) => {
      const worker: Worker = { options, holds: new Set(), whenIdle: null };
      workers.add(worker);
      dispatch();
      let closing: Promise<void> | null = null;
      return {
        close: (graceMs) => {
          closing ??= closeWorker(worker, graceMs);
          return closing;
        },
      };
    },
    counts: () => ({ waiting: waiting.size(), delayed: delayed.size(), active: holds.size }),
    close: () => {
      const all = [...workers];
      workers.clear();
      for (const worker of all) takeOver(worker);
      wakeUp.cancel();
    },
  };
};
