import { importedHistory, isExcerpt } from '@partitura/shared/bundles';
import type { EventStore } from '@partitura/shared/event-store';
import { asRunId, type EventMetadata, type RunEvent, streamName } from '@partitura/shared/events';
import { type CommandResult, commandHandler, type FoldedStream } from '@partitura/shared/processing';
import type { Clock } from '@partitura/shared/runtime';
import type { RunCommand } from './commands.ts';
import { runDecider } from './decider.ts';
import { type RunOver, runsOver } from './over.ts';
import { isEnded, type Run, type RunState } from './state.ts';

type Untimed<Command> = Command extends RunCommand ? Omit<Command, 'at'> : never;
export type UntimedRunCommand = Untimed<RunCommand>;

/** How old a state may be; without a bound as old as the memory, which another replica may have outdated. */
export interface RunBound {
  /** The revision of an event of the run that was heard of. */
  readonly atLeast?: number;
  readonly fresh?: boolean;
}

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
  read(runId: string, bound?: RunBound): Promise<FoldedStream<RunState>>;
  /** Whether the run is in memory, or about to be. */
  knows(runId: string): boolean;
  /** What is in memory now; null also while a decision is not durable yet. */
  peek(runId: string): FoldedStream<RunState> | null;
  forget(runId: string): void;
  /** Whether it is here only as the past of a fork that was imported. */
  isExcerpt(runId: string): Promise<boolean>;
  /** A run that nothing will change any more; null for others. */
  findOver(runId: string): Promise<RunOver | null>;
}

/** Of runs that ended while agents were at work: their last words come soon, one by one. */
const endedInMemory = 16;

/**
 * The commands of all runs. `onChanged` sees each run after a command, for its timers, `onRecorded` what a command recorded. A run that is over leaves the memory: ten
 * thousand of them would otherwise stay in it.
 */
export const runHandler = (
  store: EventStore,
  clock: Clock,
  onChanged: (run: Run) => void,
  onRecorded: (runId: string, events: readonly RunEvent[], run: Run | null) => void = () => {},
): RunHandler => {
  const over = runsOver(store);
  const history = importedHistory(store);
  const ended = new Set<string>();
  const runs = commandHandler(store, runDecider, {
    onChanged: (_, run) => {
      if (run !== null && !isEnded(run)) onChanged(run);
    },
  });

  const forget = (runId: string): void => {
    ended.delete(runId);
    runs.forget(streamName('run', runId));
  };

  const keepForAWhile = (runId: string): void => {
    ended.delete(runId);
    ended.add(runId);
    const [oldest] = ended;
    if (ended.size > endedInMemory && oldest !== undefined) forget(oldest);
  };

  const tidy = ({ state: run, revision }: FoldedStream<RunState>): void => {
    if (run === null || !isEnded(run)) return;
    if (over.note(run, revision)) forget(run.id);
    else keepForAWhile(run.id);
  };

  const read = async (runId: string, bound: RunBound = {}): Promise<FoldedStream<RunState>> => {
    const folded = await runs.read(streamName('run', runId), bound);
    tidy(folded);
    return folded;
  };

  const findOver = async (runId: string): Promise<RunOver | null> => {
    if (runs.knows(streamName('run', runId))) return null;
    const found = await over.find(runId);
    if (found) return found;
    const { state } = await read(runId);
    return state !== null && isEnded(state) ? over.find(runId) : null;
  };

  return {
    handle: async (runId, command, cause) => {
      const at = clock.now();
      const timed: RunCommand = { ...command, at };
      const stream = streamName('run', asRunId(runId));
      const result = await runs.handle(stream, { ...cause, at, command: timed });
      const folded = runs.peek(stream);
      onRecorded(runId, result.events, folded?.state ?? null);
      if (folded) tidy(folded);
      return result;
    },
    read,
    knows: (runId) => runs.knows(streamName('run', runId)),
    peek: (runId) => runs.peek(streamName('run', runId)),
    forget,
    isExcerpt: (runId) => isExcerpt(store, runId, history),
    findOver,
  };
};
