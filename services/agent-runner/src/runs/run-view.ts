import {
  type Amount,
  type BlobReference,
  type EventMetadata,
  type Ownership,
  ownershipIn,
  type RunConfiguration,
  type RunEvent,
  runEvents,
} from '@partitura/shared/events';

import { type Fork, forkView } from './forked-view.ts';

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>['data'];

export interface Told {
  readonly messageId: string;
  readonly from: string;
  readonly text: string;
  /** It is to stop what it is at. */
  readonly interrupts: boolean;
}

/** What a runner has to know of a run. Folded once from the run's stream, then kept up to date; changed in place. */
export interface RunView {
  readonly runId: string;
  /** Of the last event that is in it. */
  revision: number;
  owner: Ownership;
  projectId: string;
  configuration: RunConfiguration | null;
  status: 'running' | 'paused' | 'cancelled' | 'ended';
  statusDetail: string;
  plan: BlobReference | null;
  readonly tasks: Map<string, DataOf<'task.added'>>;
  /** Attempts that are scheduled and not over. */
  readonly attempts: Map<string, DataOf<'task.scheduled'>>;
  readonly cancelledTasks: Map<string, string>;
  /** By attempt: why its result, or what it was at, is not to be relied on. */
  readonly rejectedAttempts: Map<string, string>;
  /** Pieces of knowledge that nobody is to be told any more. */
  readonly distrusted: Set<string>;
  /** By task: what was rejected and why, for who does it again. */
  readonly rejections: Map<string, string[]>;
  /** By attempt: what operators said to its agent, in order. */
  readonly told: Map<string, readonly Told[]>;
  /** What a holder was given on top of its reservation. */
  readonly grants: Map<string, Amount>;
  readonly decisions: Map<string, 'granted' | 'denied'>;
  readonly submissions: Map<string, DataOf<'task.submitted'>>;
  /** What earlier attempts at a task failed of. */
  readonly failures: Map<string, string[]>;
  /** The runs it was forked from, the first one first. */
  readonly forks: Fork[];
  /** Where its branch begins; null for where the base branch is. */
  startingCommit: string | null;
}

export const emptyView = (runId: string): RunView => ({
  runId,
  revision: -1,
  owner: {},
  projectId: '',
  configuration: null,
  status: 'running',
  statusDetail: '',
  plan: null,
  tasks: new Map(),
  attempts: new Map(),
  cancelledTasks: new Map(),
  rejectedAttempts: new Map(),
  distrusted: new Set(),
  rejections: new Map(),
  told: new Map(),
  grants: new Map(),
  decisions: new Map(),
  submissions: new Map(),
  failures: new Map(),
  forks: [],
  startingCommit: null,
});

export const isRunEvent = (event: { type: string; data: unknown }): event is RunEvent =>
  event.type in runEvents;

export const evolveView = (view: RunView, event: RunEvent, metadata: EventMetadata): RunView => {
  switch (event.type) {
    case 'run.created':
      view.owner = ownershipIn(metadata);
      view.projectId = event.data.projectId;
      view.configuration = event.data.configuration;
      return view;
    case 'run.forked':
      forkView(view, event.data);
      return view;
    case 'run.paused':
      view.status = 'paused';
      view.statusDetail = event.data.detail;
      return view;
    case 'run.resumed':
      view.status = 'running';
      return view;
    case 'run.cancelled':
      view.status = 'cancelled';
      view.statusDetail = event.data.reason;
      return view;
    case 'run.failed':
    case 'run.completed':
      view.status = 'ended';
      return view;
    case 'run.stopped':
      view.status = 'cancelled';
      view.statusDetail = event.data.detail;
      return view;
    case 'plan.accepted':
      view.plan = event.data.plan;
      return view;
    case 'task.message_sent': {
      const { attemptId, messageId, text } = event.data;
      return told(view, attemptId, { messageId, from: metadata.actor, text, interrupts: false });
    }
    case 'task.interrupted': {
      const { attemptId, messageId, reason } = event.data;
      return told(view, attemptId, { messageId, from: metadata.actor, text: reason, interrupts: true });
    }
    default:
      return evolveTask(view, event);
  }
};

const told = (view: RunView, attemptId: string, one: Told): RunView => {
  const before = view.told.get(attemptId) ?? [];
  if (before.every(({ messageId }) => messageId !== one.messageId))
    view.told.set(attemptId, [...before, one]);
  return view;
};

const evolveTask = (view: RunView, event: RunEvent): RunView => {
  switch (event.type) {
    case 'task.added':
      view.tasks.set(event.data.taskId, event.data);
      return view;
    case 'task.scheduled':
      view.attempts.set(event.data.attemptId, event.data);
      return view;
    case 'task.submitted':
      view.submissions.set(event.data.taskId, event.data);
      return view;
    case 'task.completed':
      view.attempts.delete(event.data.attemptId);
      return view;
    case 'task.attempt_failed':
    case 'task.failed':
      view.attempts.delete(event.data.attemptId);
      view.failures.set(event.data.taskId, [
        ...(view.failures.get(event.data.taskId) ?? []),
        event.data.problem.message,
      ]);
      return view;
    case 'task.rejected':
      return rejected(view, event.data);
    case 'task.cancelled':
      view.cancelledTasks.set(event.data.taskId, event.data.reason);
      return view;
    case 'budget.reserved':
      view.decisions.set(event.data.requestId, 'granted');
      view.grants.set(event.data.holder, plus(view.grants.get(event.data.holder), event.data.amount));
      return view;
    case 'budget.denied':
      view.decisions.set(event.data.requestId, 'denied');
      return view;
    default:
      return view;
  }
};

const rejected = (
  view: RunView,
  { taskId, attemptId, commit, reason, because, distrusted }: DataOf<'task.rejected'>,
): RunView => {
  view.attempts.delete(attemptId);
  view.rejectedAttempts.set(attemptId, reason);
  for (const nodeId of distrusted) view.distrusted.add(nodeId);
  const work = commit === null ? 'The work' : `The work (commit ${commit})`;
  const whose = because === null ? '' : ` It had built upon ${because}, which is not to be relied on.`;
  const said = `${work} of ${attemptId} on this task was rejected: ${reason}.${whose} What was merged of it is still there: build on top of it, change it, or take it back.`;
  view.rejections.set(taskId, [...(view.rejections.get(taskId) ?? []), said.replaceAll('..', '.')]);
  return view;
};

const plus = (left: Amount | undefined, right: Amount): Amount => ({
  tokens: (left?.tokens ?? 0) + right.tokens,
  microUsd: (left?.microUsd ?? 0) + right.microUsd,
});

/** What a holder may spend in all; null is no limit. */
export const allowanceOf = (view: RunView, attemptId: string): Amount | null => {
  const reservation = view.attempts.get(attemptId)?.reservation ?? null;
  return reservation === null ? null : plus(view.grants.get(attemptId), reservation);
};
