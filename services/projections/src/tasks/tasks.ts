import {
  addUsage,
  asRunId,
  noUsage,
  type RecordedEvent,
  taskIdOf,
  type Usage,
} from '@partitura/shared/events';
import { placeOf, type TaskResource, type TaskStatus } from '@partitura/shared/http';
import { isWork } from '@partitura/shared/planning';
import { type DataOf, defineProjection, type Owned } from '../folding/projection.ts';
import { inheritedUsage, presentUsages } from '../usage/usage.ts';
import { sumUp } from './groups.ts';
import type { TaskDocument } from './task-document.ts';

const taskIds = (event: RecordedEvent): readonly string[] => {
  const { taskId } = placeOf(event);
  return taskId === null ? [] : [taskId];
};

const begin = (
  data: DataOf<'task.added'>,
  event: RecordedEvent,
  id: string,
): Omit<TaskDocument, keyof Owned> => {
  const { definition, phase } = data;
  const place = placeOf(event);
  const runId = asRunId(place.runId ?? '');
  return {
    id,
    runId,
    projectId: place.projectId ?? '',
    key: definition.key,
    parentId: definition.parentKey === null ? null : taskIdOf(runId, definition.parentKey),
    kind: definition.kind,
    title: definition.title,
    description: definition.description,
    agentType: definition.agentType,
    status: isWork(definition) && definition.dependsOn.length === 0 ? 'ready' : 'pending',
    phase,
    priority: definition.priority,
    complexity: definition.complexity,
    dependsOn: definition.dependsOn.map((key) => taskIdOf(runId, key)),
    acceptanceCriteria: definition.acceptanceCriteria,
    requirementIds: definition.requirementIds,
    attempts: 0,
    agentId: null,
    usage: noUsage,
    estimate: { tokens: definition.estimatedTokens },
    branch: null,
    commit: null,
    findings: [],
    startedAt: null,
    completedAt: null,
    error: null,
    comments: 0,
    revision: event.revision,
    position: event.position,
    addedAt: event.position,
    children: isWork(definition) ? null : {},
  };
};

const became =
  (status: TaskStatus) =>
  (document: TaskDocument, _: unknown, event: RecordedEvent): TaskDocument => ({
    ...document,
    status,
    revision: event.revision,
  });

const failed =
  (status: TaskStatus) =>
  (document: TaskDocument, { problem }: Pick<DataOf<'task.failed'>, 'problem'>, event: RecordedEvent) => ({
    ...became(status)(document, null, event),
    error: problem,
  });

const spend = (
  document: TaskDocument,
  { usage }: { readonly usage: Usage },
  event: RecordedEvent,
): TaskDocument => ({
  ...document,
  usage: addUsage(document.usage, usage),
  ...inheritedUsage(document, usage, event),
});

export const tasks = defineProjection<TaskDocument>({
  name: 'tasks',
  version: 3,
  indexes: [
    ['runId', 'addedAt'],
    ['projectId', 'addedAt'],
    ['runId', 'status', 'addedAt'],
    ['status', 'kind', 'addedAt'],
  ],
  keys: taskIds,
  inherits: true,
  begins: { 'task.added': begin },
  changes: {
    'task.rewired': (document, { dependsOn }, event) => ({
      ...document,
      dependsOn: dependsOn.map((key) => taskIdOf(asRunId(document.runId), key)),
      revision: event.revision,
    }),
    'task.scheduled': (document, { attempt, attemptId, agentType }, event) => ({
      ...became('scheduled')(document, null, event),
      attempts: attempt,
      agentId: attemptId,
      agentType,
    }),
    'task.started': (document, { at }, event) => ({
      ...became('running')(document, null, event),
      startedAt: document.startedAt ?? at,
    }),
    'task.submitted': (document, { branch, commit, findings }, event) => ({
      ...became('in_review')(document, null, event),
      branch,
      commit,
      findings,
    }),
    'task.completed': (document, { commit, findings }, event) => ({
      ...became('completed')(document, null, event),
      commit: commit ?? document.commit,
      findings,
      completedAt: event.time,
      error: null,
    }),
    'task.attempt_failed': failed('pending'),
    'task.due': became('ready'),
    'task.failed': failed('failed'),
    'task.dead_lettered': failed('dead_letter'),
    'task.blocked': became('blocked'),
    'task.unblocked': became('pending'),
    'task.cancelled': became('cancelled'),
    'task.retried': (document, _, event) => ({ ...became('pending')(document, null, event), error: null }),
    'task.rejected': (document, { reason }, event) => ({
      ...became('pending')(document, null, event),
      completedAt: null,
      error: { code: 'TASK_REJECTED', message: reason },
    }),
    'task.approved': (document, _, event) => ({ ...document, revision: event.revision }),
    'task.checks_requested': (document, _, event) => ({ ...document, revision: event.revision }),
    'task.message_sent': (document, _, event) => ({ ...document, revision: event.revision }),
    'task.interrupted': (document, _, event) => ({ ...document, revision: event.revision }),
    'task.commented': (document, _, event) => ({
      ...document,
      comments: document.comments + 1,
      revision: event.revision,
    }),
    'agent.workspace_prepared': (document, { branch }) => ({ ...document, branch }),
    'agent.checkpoint_committed': (document, { commit }) => ({ ...document, commit }),
    'model.answered': spend,
    'model.failed': spend,
  },
  parents: {
    parentOf: ({ parentId }) => parentId,
    take: sumUp,
  },
});

export const presentTask = (document: TaskDocument): TaskResource => {
  const {
    addedAt: _,
    children: __,
    organizationId: ___,
    usage: ____,
    inheritedUsage: _____,
    ...rest
  } = document;
  return { ...rest, ...presentUsages(document) };
};
