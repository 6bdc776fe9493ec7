import { ConcurrencyError, type EventStore } from '@partitura/shared/event-store';
import {
  type AgentEvent,
  asProjectId,
  asRunId,
  beginning,
  type EventMetadata,
  type Position,
  streamName,
} from '@partitura/shared/events';
import { readWithPast } from '@partitura/shared/forking';
import { openSession, type StreamSession } from '@partitura/shared/processing';
import type { Clock, Ids } from '@partitura/shared/runtime';
import { evolve } from '../agents/evolve.ts';
import { type AgentState, unborn } from '../agents/state.ts';
import type { RunView } from '../runs/run-view.ts';

export interface AgentStreams {
  /** The agent as its stream has it, and the way to go on with it. */
  sessionOf(attemptId: string, view: RunView): Promise<StreamSession<AgentState, AgentEvent>>;
  /** Of its first event; an inherited agent was born in the run that its own was forked from. */
  bornAt(attemptId: string): Promise<Position>;
  /** What no append would tell: whether somebody else took the attempt over. @throws {ConcurrencyError} */
  requireLast(attemptId: string, revision: number): Promise<void>;
}

export const agentStreams = ({
  store,
  clock,
  ids,
}: {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
}): AgentStreams => {
  const sessionOf = (attemptId: string, view: RunView) =>
    openSession<AgentState, AgentEvent>({
      store,
      clock,
      ids,
      stream: streamName('agent', attemptId),
      metadata: metadataOf(attemptId, view),
      initial: unborn,
      evolve,
    });

  const bornAt = async (attemptId: string): Promise<Position> => {
    for await (const [first] of readWithPast(store, streamName('agent', attemptId)))
      if (first) return first.position;
    return beginning;
  };

  const requireLast = async (attemptId: string, revision: number): Promise<void> => {
    const stream = streamName('agent', attemptId);
    for await (const [later] of store.readStream(stream, { from: revision + 1, limit: 1 }))
      if (later) throw new ConcurrencyError(stream, revision, later.revision);
  };

  return { sessionOf, bornAt, requireLast };
};

const metadataOf = (attemptId: string, { runId, projectId, owner }: RunView): EventMetadata => ({
  source: '/agent-runner',
  actor: `agent:${attemptId}`,
  correlationId: runId,
  causationId: null,
  ...owner,
  projectId: asProjectId(projectId),
  runId: asRunId(runId),
});
