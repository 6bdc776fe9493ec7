import type { Clock, Logger } from '../../runtime/index.ts';

export interface BullmqJobQueueOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long Redis may take to be there at start, in ms. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** How long Redis may take to answer before who asked is told `QUEUE_UNREACHABLE`, in ms. Default 30 s. */
  readonly answerWithinMs?: number;
  /** What all keys begin with. Default `partitura`. */
  readonly prefix?: string;
}
