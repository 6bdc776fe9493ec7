import type { EventStore } from '@partitura/shared/event-store';
import { type EventMetadata, type RunEvent, streamName } from '@partitura/shared/events';
import { type CommandResult, commandHandler, type FoldedStream } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { RunCommand } from './commands.ts';
import { runDecider } from './decider.ts';
import { isEnded, type Run, type RunState } from './state.ts';

type Untimed<Command> = Command extends RunCommand ? Omit<Command, 'at'> : never;
export type UntimedRunCommand = Untimed<RunCommand>;

export interface RunHandler {
  /** Decides at the clock's time. */
  handle(
    runId: string,
    command: UntimedRunCommand,
    cause: {
      readonly commandId: string;
      readonly metadata: EventMetadata;
      readonly expectedRevision?: number;
    },
  ): Promise<CommandResult<RunEvent>>;
  read(runId: string): Promise<FoldedStream<RunState>>;
}

/**
 * The commands of all runs. `onChanged` sees each run after a command, for its timers. A run that ended leaves the memory: ten
 * thousand of them would otherwise stay in it.
 */
export const runHandler = (store: EventStore, clock: Clock, onChanged: (run: Run) => void): RunHandler => {
  const runs = commandHandler(store, runDecider, {
    onChanged: (stream, run) => {
      if (run === null) return;
      if (isEnded(run)) runs.forget(stream);
      else onChanged(run);
    },
  });
  const read = async (runId: string): Promise<FoldedStream<RunState>> => {
    const stream = streamName('run', runId);
    const folded = await runs.read(stream);
    if (folded.state !== null && isEnded(folded.state)) runs.forget(stream);
    return folded;
  };
  return {
    handle: async (runId, command, cause) => {
      const at = clock.now();
      const timed: RunCommand = { ...command, at };
      const result = await runs.handle(streamName('run', runId), { ...cause, at, command: timed });
      // What changes nothing tells nobody; a late word of a run that ended brings it back into the memory all the same.
      if (result.events.length === 0) await read(runId);
      return result;
    },
    read,
  };
};
