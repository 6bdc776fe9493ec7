/** Work to be done by one of many. The queue forgets; the log does not: whoever enqueues can do so again from the log. */
export interface Job<Payload = unknown> {
  /** Names the work: enqueuing an id that waits or is at work changes nothing. */
  readonly id: string;
  /** Small: ids, no content. */
  readonly payload: Payload;
  /** 0 is the most urgent. Default 5. */
  readonly priority?: number;
  /** Milliseconds before it may be taken. Default 0. */
  readonly delayMs?: number;
}

export interface RetryPolicy {
  /** Times a job may fail before it is given up and reported. A delivery lost with its worker is not a failure. */
  readonly maxDeliveries: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export interface Delivery<Payload = unknown> {
  readonly id: string;
  readonly payload: Payload;
  /** 1 for the first. More than one after a failure, or when the worker before it was gone (`stalled`). */
  readonly delivery: number;
  readonly stalled: boolean;
  /** Aborts when the job was taken from this worker, or the worker closes without waiting. */
  readonly signal: AbortSignal;
}

export interface WorkerOptions<Payload> {
  readonly queue: string;
  readonly concurrency: number;
  /**
   * A worker that does not renew its hold within this time has lost the job to another. Renewed by the adapter. Default 30 s.
   * Without meaning where worker and queue share an event loop.
   */
  readonly lockMs?: number;
  readonly retry: RetryPolicy;
  /** Ends well, fails, or hands the job back: see `jobHandedBack`. */
  readonly handle: (delivery: Delivery<Payload>) => Promise<void>;
  /** Told of a job that was given up after its last delivery. */
  readonly onGivenUp: (delivery: Delivery<Payload>, error: unknown) => void;
}

export interface RunningWorker {
  /** Takes no new job; waits for those at work at the most `graceMs`, then aborts their signals and lets them be taken over. */
  close(graceMs: number): Promise<void>;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
}

export interface JobQueue {
  /** Most urgent first, then as they came. */
  enqueue(queue: string, jobs: readonly Job[]): Promise<void>;
  /**
   * Takes a job out that nobody works on yet; one that is at work has its signal aborted, and is neither tried again nor given
   * up. The same id enqueued while its worker still winds down is handed out after that: never twice at once, never lost.
   */
  remove(queue: string, id: string): Promise<void>;
  work<Payload>(options: WorkerOptions<Payload>): Promise<RunningWorker>;
  counts(queue: string): Promise<QueueCounts>;
  close(): Promise<void>;
}
