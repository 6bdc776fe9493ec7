import type { EventStore } from '@partitura/shared/event-store';
import { type KnowledgeEvent, recordedIn, streamName } from '@partitura/shared/events';
import type { OperationHandlers, OperationOutput, Operations, TaskStatus } from '@partitura/shared/http';
import { consumersOf, lastAttemptOf } from '../runs/consumers.ts';
import { taskNotFound, taskOf } from '../runs/refusals.ts';
import { phaseOf } from '../runs/routing.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import type { Run } from '../runs/state.ts';
import type { TaskStatus as Standing, Task } from '../runs/task.ts';
import { runIdIn } from './cause.ts';
import { runToReadFor } from './reach.ts';

type Consumers = OperationOutput<Operations['getTaskConsumers']>;
type Drawn = Consumers['knowledge'][number];

const standings: Record<Standing['kind'], TaskStatus> = {
  waiting: 'pending',
  ready: 'ready',
  active: 'running',
  in_review: 'in_review',
  backing_off: 'pending',
  completed: 'completed',
  dead_letter: 'dead_letter',
  blocked: 'blocked',
  cancelled: 'cancelled',
};

const presentTask = (run: Run, task: Task): Consumers['tasks'][number] => ({
  id: task.id,
  title: task.definition.title,
  status: standings[task.status.kind],
  agentId: lastAttemptOf(task),
  commit: task.handedIn?.commit ?? null,
  through: phaseOf(run, task.phase)?.act.kind === 'agent' ? 'phase' : 'dependency',
});

/** What is known from a task's attempts, and who was told of it. Reads the project's knowledge, which is some thousands of events. */
const drawnFrom = async (store: EventStore, projectId: string, taskId: string): Promise<readonly Drawn[]> => {
  const drawn = new Map<string, { node: Drawn; readonly usedBy: string[] }>();
  for await (const page of store.readStream(streamName('knowledge', projectId)))
    for (const event of recordedIn('knowledge', page)) note(drawn, event, taskId);
  return [...drawn.values()].map(({ node, usedBy }) => ({ ...node, usedBy: [...new Set(usedBy)] }));
};

const note = (
  drawn: Map<string, { node: Drawn; readonly usedBy: string[] }>,
  event: KnowledgeEvent,
  taskId: string,
): void => {
  if (event.type === 'knowledge.node_added' && event.data.provenance.taskId === taskId) {
    const { nodeId, kind, title } = event.data;
    drawn.set(nodeId, { node: { id: nodeId, kind, title, retracted: false, usedBy: [] }, usedBy: [] });
    return;
  }
  const known = 'nodeId' in event.data ? drawn.get(event.data.nodeId) : undefined;
  if (!known) return;
  if (event.type === 'knowledge.node_used') known.usedBy.push(event.data.agentId);
  if (event.type === 'knowledge.node_retracted') known.node = { ...known.node, retracted: true };
  if (event.type === 'knowledge.node_confirmed') known.node = { ...known.node, retracted: false };
};

/** What a task's result went into: exactly what would be done again if it were rejected, and what is known from it. */
export const taskConsumers = (
  runs: RunHandler,
  store: EventStore,
): Pick<OperationHandlers, 'getTaskConsumers'> => ({
  getTaskConsumers: async ({ params: { id } }, context) => {
    const run = await runToReadFor(context, runs, runIdIn(id), { fresh: true }, () => taskNotFound(id));
    const task = taskOf(run, id);
    const tasks = consumersOf(run, [task]).map((one) => presentTask(run, one));
    return { id, tasks, knowledge: [...(await drawnFrom(store, run.projectId, id))] };
  },
});
