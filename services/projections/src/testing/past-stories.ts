import type { EventStore } from '@partitura/shared/event-store';
import {
  asRunId,
  attemptIdOf,
  type KnowledgeEvent,
  noUsage,
  type RecordedEvent,
  type RunEvent,
  streamName,
  taskIdOf,
} from '@partitura/shared/events';
import type { Happening } from '@partitura/shared/http/testing';

/** Two things that came to be known from a run; one was taken back by somebody, and confirmed from elsewhere. */
export const knownStory = (projectId: string, runId: string): readonly Happening[] => {
  const tell = (event: KnowledgeEvent, ofRun: string | null): Happening => ({
    stream: streamName('knowledge', projectId),
    event,
    projectId,
    runId: ofRun,
  });
  const add = (key: string): Happening =>
    tell(
      {
        type: 'knowledge.node_added',
        data: {
          nodeId: `k_${runId}_${key}`,
          projectId,
          kind: 'decision',
          memory: 'semantic',
          title: `What ${key} found out`,
          content: 'Slugs are random.',
          tags: [],
          importance: 0.5,
          provenance: {
            eventId: `e_${key}`,
            position: '0000000000000001',
            runId,
            taskId: `${runId}.${key}`,
            agentId: `${runId}.${key}.a1`,
            commit: null,
          },
        },
      },
      runId,
    );
  const nodeId = `k_${runId}_T1`;
  return [
    add('T1'),
    add('T2'),
    tell({ type: 'knowledge.node_retracted', data: { nodeId, reason: 'It was wrong.' } }, null),
  ];
};

/** A run that was forked from another at a position, and what it did itself, as the services would tell it. */
export const forkStory = async (
  store: EventStore,
  { parentId, runId, at }: { readonly parentId: string; readonly runId: string; readonly at: string },
): Promise<readonly Happening[]> => {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll()) events.push(...page.events);
  const before = events.filter(({ position }) => position <= at);
  const isOfParent = ({ stream }: RecordedEvent): boolean =>
    [`run-${parentId}`, `plan-${parentId}`, `merge-${parentId}`].includes(stream) ||
    stream.startsWith(`agent-${parentId}.`);
  const created = before.find(({ type, stream }) => type === 'run.created' && stream === `run-${parentId}`);
  if (!created) throw new RangeError(`${parentId} had not begun at ${at}.`);
  const { configuration, projectId } = (created as RecordedEvent<Extract<RunEvent, { type: 'run.created' }>>)
    .data;
  const streams = Object.fromEntries(
    before.filter(isOfParent).map(({ stream, revision }) => [stream, revision] as const),
  );
  const run = (event: RunEvent): Happening => ({
    stream: streamName('run', runId),
    event,
    projectId,
    runId,
  });
  const taskId = taskIdOf(asRunId(runId), 'T1');
  const attemptId = attemptIdOf(taskId, 1);
  return [
    run({
      type: 'run.created',
      data: { runId, projectId, configuration: { ...configuration, branch: `partitura/${runId}` } },
    }),
    run({
      type: 'run.forked',
      data: {
        parentRunId: parentId,
        at,
        streams,
        commit: 'e'.repeat(40),
        shiftMs: 1_000,
        unsettled: {},
        changes: { model: null, budget: null, prompts: [], droppedTasks: [] },
      },
    }),
    run({ type: 'run.started', data: { wallDeadlineAt: null } }),
    run({ type: 'task.commented', data: { taskId, text: 'Another way.' } }),
    {
      ...run({ type: 'run.resumed', data: {} }),
      stream: streamName('agent', attemptId),
      event: {
        type: 'model.answered',
        data: {
          callId: `${attemptId}/9`,
          model: 'rehearsal/small',
          answer: { hash: 'b'.repeat(64), size: 1, preview: '', contentType: 'text/plain' },
          stopReason: 'end',
          usage: { ...noUsage, inputTokens: 70, costMicroUsd: 210, calls: 1 },
          durationMs: 5,
        },
      },
    },
    run({ type: 'run.cancelled', data: { reason: 'Enough.', usage: noUsage } }),
  ];
};
