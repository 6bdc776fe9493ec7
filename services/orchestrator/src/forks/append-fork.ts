import { type EventStore, isRevisionConflict } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  type EventMetadata,
  type ForkedRun,
  type RecordedIn,
  type RunConfiguration,
  type RunEvent,
  recordedIn,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { type Origin, pastOf } from '@partitura/shared/forking';
import type { Clock } from '@partitura/shared/runtime';
import { evolveRun } from '../runs/evolve.ts';
import type { RunState } from '../runs/state.ts';
import { decideFork } from './begin.ts';

export interface ForkRequest {
  readonly runId: string;
  readonly projectId: string;
  readonly configuration: RunConfiguration;
  readonly fork: ForkedRun;
}

type Cause = { readonly commandId: string; readonly metadata: EventMetadata };

type Past = readonly RecordedIn<'run'>[];

const stateOf = (head: readonly [RunEvent, RunEvent], past: Past, metadata: EventMetadata): RunState => {
  const [created, forked] = head;
  const began = evolveRun(null, created, metadata);
  const before = past.reduce<RunState>((state, event) => evolveRun(state, event, event.metadata), began);
  return evolveRun(before, forked, metadata);
};

const wasStopped = async (store: EventStore, origin: Origin, attemptId: string): Promise<boolean> => {
  let stopped = false;
  for await (const page of pastOf(store, streamName('agent', attemptId), origin))
    for (const event of recordedIn('agent', page))
      stopped ||= event.type === 'agent.finished' && event.data.outcome === 'cancelled';
  return stopped;
};

/** Attempts that the run counts on, and that have no result and will have none. */
const stoppedAttempts = async (
  store: EventStore,
  origin: Origin,
  state: RunState,
): Promise<ReadonlySet<string>> => {
  const stopped = new Set<string>();
  for (const { status } of state?.tasks.values() ?? [])
    if (status.kind === 'active' && (await wasStopped(store, origin, status.attempt.id)))
      stopped.add(status.attempt.id);
  return stopped;
};

/**
 * Records the beginning of a fork, in one append with all that follows from its past. Done again, by whoever finds the wish, it changes
 * nothing: there is a run then.
 */
export const appendFork = async (
  { store, clock }: { readonly store: EventStore; readonly clock: Clock },
  { runId, projectId, configuration, fork }: ForkRequest,
  cause: Cause,
): Promise<void> => {
  const stream = streamName('run', runId);
  const metadata: EventMetadata = {
    ...cause.metadata,
    projectId: asProjectId(projectId),
    runId: asRunId(runId),
  };
  const origin: Origin = { runId, ...fork };
  const past = recordedIn('run', (await Array.fromAsync(pastOf(store, stream, origin))).flat());
  const head: readonly [RunEvent, RunEvent] = [
    { type: 'run.created', data: { runId, projectId, configuration } },
    { type: 'run.forked', data: fork },
  ];
  const state = stateOf(head, past, metadata);
  const over = await stoppedAttempts(store, origin, state);
  const at = clock.now();
  const decided = decideFork({ at, dropped: fork.changes.droppedTasks, over }, state, metadata);
  const time = new Date(at).toISOString();
  const events = [...head, ...decided].map(({ type, data }, index) => ({
    id: `${cause.commandId}/${index}`,
    type,
    version: versionOf(type),
    data,
    time,
    metadata,
  }));
  try {
    await store.append(stream, events, 'no_stream');
  } catch (error) {
    // Somebody else found the wish first.
    if (!isRevisionConflict(error)) throw error;
  }
};
