import type { EventMetadata } from '../events/index.ts';

/** A command with what the log has to know of it. */
export interface CommandEnvelope<Command> {
  readonly command: Command;
  /** Derived from the cause, so that the same command again yields the same event ids. */
  readonly commandId: string;
  readonly metadata: EventMetadata;
  /** Milliseconds since the epoch: the time of the events. */
  readonly at: number;
  /** Refuse when the stream is not at this revision any more (`If-Match`). */
  readonly expectedRevision?: number;
}
