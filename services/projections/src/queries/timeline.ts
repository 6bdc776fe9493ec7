import { type AttemptId, asTaskId, attemptIdOf } from '@partitura/shared/events';
import type { OperationInput, Operations, TimelineLane } from '@partitura/shared/http';
import type { AgentDocument } from '../agents/agents.ts';
import type { TaskDocument } from '../tasks/task-document.ts';
import { pageOfKept } from './present-documents.ts';
import type { Readers } from './readers.ts';

/** Nothing more happens to it by itself. */
const ended: ReadonlySet<TaskDocument['status']> = new Set([
  'completed',
  'failed',
  'dead_letter',
  'cancelled',
]);

const attemptsOf = ({ id, attempts }: TaskDocument): readonly AttemptId[] =>
  Array.from({ length: attempts }, (_, at) => attemptIdOf(asTaskId(id), at + 1));

const laneOf = (task: TaskDocument, agents: readonly AgentDocument[]): TimelineLane => ({
  taskId: task.id,
  key: task.key,
  title: task.title,
  kind: task.kind,
  phase: task.phase,
  status: task.status,
  dependsOn: task.dependsOn,
  startedAt: agents[0]?.startedAt ?? task.startedAt,
  endedAt: task.completedAt ?? (ended.has(task.status) ? (agents.at(-1)?.endedAt ?? null) : null),
  agents: agents.map(({ id, attempt, type, model, status, startedAt, endedAt }) => ({
    agentId: id,
    attempt,
    type,
    model,
    status,
    startedAt,
    endedAt,
  })),
});

/** A lane for each task, with the agents that were at it: one question for the page's tasks, and one for all their agents. */
export const timelineOf = async (
  readers: Readers,
  { params: { id: runId }, query }: OperationInput<Operations['getRunTimeline']>,
): Promise<{ items: TimelineLane[]; nextCursor: string | null }> => {
  await readers.upTo(query.after);
  await readers.one('runs', runId);
  const { items, nextCursor } = await pageOfKept(
    readers,
    'tasks',
    {
      where: { runId },
      sort: { field: 'addedAt', direction: 'ascending' },
      limit: query.limit,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    },
    // Epics and stories only group.
    async (tasks) => tasks.filter(({ children }) => children === null),
  );
  const found = await readers.several('agents', items.flatMap(attemptsOf));
  const agents = Map.groupBy(
    found.flatMap((agent) => agent ?? []),
    ({ taskId }) => taskId,
  );
  return { items: items.map((task) => laneOf(task, agents.get(task.id) ?? [])), nextCursor };
};
