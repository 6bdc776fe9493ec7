import { addUsage, type Budget, noUsage, type RecordedEvent, type Usage } from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import { placeOf, type RunResource } from '@partitura/shared/http';
import { isWork } from '@partitura/shared/planning';
import { type DataOf, defineProjection, type Owned } from '../folding/projection.ts';
import { valueIn } from '../folding/records.ts';

/** Where a task stands, as far as the run counts it. */
type Counted = 'pending' | 'running' | 'completed' | 'failed' | 'dead_letter' | 'cancelled';

interface RunTask {
  counted: Counted;
  /** A changed plan took it out: no requirement waits for it. */
  dropped?: boolean;
  /** Whoever forked the run did not want it done. */
  declined?: boolean;
  readonly requirementIds: readonly string[];
}

/** A run as it is stored: the resource before anything is counted, with money in whole micro-dollars. */
export interface RunDocument
  extends Omit<
      RunResource,
      | 'projectName'
      | 'tasks'
      | 'requirements'
      | 'requirementsMet'
      | 'requirementsDropped'
      | 'usage'
      | 'inheritedUsage'
      | 'budget'
      | 'pendingApprovals'
    >,
    Owned {
  /** Of the PRD: what the run is called while its project is not known yet. */
  readonly title: string;
  readonly usage: Usage;
  readonly inheritedUsage?: Usage;
  readonly budget: Budget | null;
  /** Only what agents work on, by its key. Changed in place: a copy per event would be quadratic. */
  readonly tasks: Record<string, RunTask>;
  readonly requirementIds: readonly string[];
  readonly openApprovals: readonly string[];
  readonly proposal: DataOf<'plan.proposed'> | null;
  /** Of the plan that the run works by; null while it has none. */
  readonly acceptedRevision: number | null;
}

/** A bundle is of one run, and what it says of itself is about those that it has a part of. */
const runIds = (event: RecordedEvent): readonly string[] => {
  if (event.type === 'bundle.imported') return (event.data as DataOf<'bundle.imported'>).excerpts ?? [];
  const { runId } = placeOf(event);
  return runId === null ? [] : [runId];
};

const keyOf = (taskId: string): string => taskId.slice(taskId.indexOf('.') + 1);

const count =
  (counted: Counted) =>
  (document: RunDocument, { taskId }: { readonly taskId: string }, event: RecordedEvent): RunDocument => {
    const task = valueIn(document.tasks, keyOf(taskId));
    if (task) task.counted = counted;
    return { ...document, revision: event.revision };
  };

const said = (document: RunDocument, _: unknown, event: RecordedEvent): RunDocument => ({
  ...document,
  revision: event.revision,
});

const ended = (
  document: RunDocument,
  event: RecordedEvent,
  status: RunDocument['status'],
  statusDetail: string | null,
): RunDocument => ({ ...document, status, statusDetail, endedAt: event.time, revision: event.revision });

/** What was inherited, the parent paid. */
const spend = (
  document: RunDocument,
  { usage }: { readonly usage: Usage },
  event: RecordedEvent,
): RunDocument =>
  isInherited(event)
    ? { ...document, inheritedUsage: addUsage(document.inheritedUsage ?? noUsage, usage) }
    : { ...document, usage: addUsage(document.usage, usage) };

const decided = (
  document: RunDocument,
  { approvalId }: { readonly approvalId: string },
  event: RecordedEvent,
): RunDocument => ({
  ...document,
  openApprovals: document.openApprovals.filter((id) => id !== approvalId),
  revision: event.revision,
});

export const runs = defineProjection<RunDocument>({
  name: 'runs',
  version: 6,
  indexes: [
    ['createdAt'],
    ['projectId', 'createdAt'],
    ['status', 'createdAt'],
    ['projectId', 'status', 'createdAt'],
  ],
  keys: runIds,
  inherits: true,
  begins: {
    'run.created': ({ projectId, configuration }, event, id) => ({
      id,
      projectId,
      title: configuration.prd.title,
      workflow: configuration.workflow.name,
      model: configuration.model,
      status: 'queued',
      statusDetail: null,
      phase: null,
      repository: configuration.repository,
      branch: configuration.branch,
      commit: null,
      rehearsal: configuration.rehearsal,
      tasks: {},
      agents: 0,
      requirementIds: [],
      usage: noUsage,
      budget: configuration.budget,
      openApprovals: [],
      proposal: null,
      acceptedRevision: null,
      createdAt: event.time,
      startedAt: null,
      endedAt: null,
      revision: event.revision,
      position: event.position,
      forkedFrom: null,
    }),
  },
  changes: {
    // However its past ended, the fork goes on from there.
    'run.forked': (document, { parentRunId, at, commit, changes }, event) => {
      for (const taskId of changes.droppedTasks) {
        const task = valueIn(document.tasks, keyOf(taskId));
        if (task) task.declined = true;
      }
      return {
        ...said(document, null, event),
        status: 'running',
        statusDetail: null,
        startedAt: event.time,
        endedAt: null,
        commit,
        forkedFrom: { runId: parentRunId, position: at },
      };
    },
    'run.started': (document, _, event) => ({
      ...said(document, _, event),
      status: 'running',
      startedAt: event.time,
    }),
    'run.paused': (document, { reason, detail }, event) => ({
      ...said(document, null, event),
      status: 'paused',
      statusDetail: detail || reason,
    }),
    'run.resumed': (document, _, event) => ({
      ...said(document, _, event),
      status: 'running',
      statusDetail: null,
      endedAt: null,
    }),
    'run.completed': (document, { branch, commit }, event) => ({
      ...ended(document, event, 'completed', null),
      branch: branch ?? document.branch,
      commit: commit ?? document.commit,
    }),
    'run.failed': (document, { problem }, event) => ended(document, event, 'failed', problem.message),
    'run.cancelled': (document, { reason }, event) => ended(document, event, 'cancelled', reason || null),
    'run.stopped': (document, { by, detail }, event) =>
      ended(document, event, by === 'budget' ? 'stopped_budget' : 'stopped_policy', detail),
    'phase.entered': (document, { phase }, event) => ({ ...said(document, null, event), phase }),
    'phase.interrupted': (document, { problem }, event) => ({
      ...said(document, null, event),
      statusDetail: problem.message,
    }),
    'phase.completed': said,
    'plan.proposed': (document, proposal) => ({ ...document, proposal }),
    'plan.accepted': (document, { requirementIds, planRevision }, event) => ({
      ...said(document, null, event),
      requirementIds,
      acceptedRevision: planRevision,
    }),
    'run.replan_requested': said,
    'run.replan_started': said,
    'run.replan_failed': said,
    'run.replanned': (document, { cancelled, planRevision }, event) => {
      for (const taskId of cancelled) {
        const task = valueIn(document.tasks, keyOf(taskId));
        if (task) task.dropped = true;
      }
      return { ...said(document, null, event), acceptedRevision: planRevision };
    },
    'task.rewired': said,
    'task.added': (document, { taskId, definition }, event) => {
      if (isWork(definition)) {
        const { requirementIds } = definition;
        Object.defineProperty(document.tasks, keyOf(taskId), {
          value: { counted: 'pending', requirementIds },
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return { ...document, revision: event.revision };
    },
    'task.scheduled': count('running'),
    'task.started': count('running'),
    'task.submitted': count('running'),
    'task.completed': count('completed'),
    'task.attempt_failed': count('pending'),
    'task.due': count('pending'),
    'task.failed': count('failed'),
    'task.dead_lettered': count('dead_letter'),
    'task.blocked': count('pending'),
    'task.unblocked': count('pending'),
    'task.cancelled': count('cancelled'),
    'task.retried': count('pending'),
    'task.rejected': count('pending'),
    'task.approved': said,
    'task.commented': said,
    'task.checks_requested': said,
    'task.message_sent': said,
    'task.interrupted': said,
    'budget.requested': said,
    'budget.reserved': said,
    'budget.denied': said,
    'budget.settled': said,
    'budget.threshold_reached': said,
    'budget.exhausted': said,
    'gate.evaluated': said,
    'approval.requested': (document, { approvalId }, event) => ({
      ...said(document, null, event),
      openApprovals: [...document.openApprovals, approvalId],
    }),
    'approval.granted': decided,
    'approval.denied': decided,
    'approval.expired': decided,
    'bundle.imported': (document) =>
      document.endedAt === null
        ? { ...document, status: 'excerpt', statusDetail: 'Only what a fork inherited of it was imported.' }
        : document,
    'merge.completed': (document, { commit }) => ({ ...document, commit }),
    'agent.spawned': (document) => ({ ...document, agents: document.agents + 1 }),
    'model.answered': spend,
    'model.failed': spend,
  },
});
