import type { RunEvent } from '@partitura/shared/events';
import type { UntimedRunCommand } from '../runs/run-handler.ts';

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>['data'];
type Readings = {
  readonly [Type in RunEvent['type']]:
    | ((data: DataOf<Type>, recorded: readonly RunEvent[]) => UntimedRunCommand | null)
    | null;
};

/**
 * By the first event that only an operator can have brought about: what the operator told the run. Everything an operator says stands
 * in it. Null for what follows from something else; a new type of event has to say which it is.
 */
const readings: Readings = {
  'run.created': null,
  'run.forked': null,
  'run.started': null,
  'run.paused': ({ reason, detail }) =>
    reason === 'operator' || reason === 'interrupted' ? { kind: 'pause', reason, detail } : null,
  'run.resumed': () => ({ kind: 'resume' }),
  'run.completed': null,
  'run.failed': null,
  'run.cancelled': ({ reason }) => ({ kind: 'cancel', reason }),
  'run.stopped': null,
  'phase.entered': null,
  'phase.interrupted': null,
  'phase.completed': null,
  'plan.accepted': null,
  'run.replan_requested': ({ prd, prdRevision }) => ({ kind: 'request_replan', prd, prdRevision }),
  'run.replan_started': null,
  'run.replanned': null,
  'run.replan_failed': null,
  'task.added': null,
  'task.rewired': null,
  'task.scheduled': null,
  'task.started': null,
  'task.submitted': null,
  'task.completed': null,
  'task.attempt_failed': null,
  'task.due': null,
  'task.failed': null,
  'task.dead_lettered': null,
  'task.blocked': null,
  'task.unblocked': null,
  'task.cancelled': ({ taskId, reason }) => ({ kind: 'cancel_task', taskId, reason }),
  'task.retried': ({ taskId, model }) => ({ kind: 'retry_task', taskId, model }),
  'task.approved': ({ taskId, comment }) => ({ kind: 'approve_task', taskId, comment }),
  'task.rejected': ({ taskId, reason, because, distrusted, redo }, recorded) =>
    because === null
      ? { kind: 'reject_task', taskId, reason, redo }
      : {
          kind: 'redo_attempts',
          attemptIds: rejectedFor(because, recorded),
          reason,
          because,
          distrusted,
          redo,
        },
  'task.commented': ({ taskId, text }) => ({ kind: 'comment_task', taskId, text }),
  'task.checks_requested': ({ taskId, requestId }) => ({ kind: 'request_checks', taskId, requestId }),
  'task.message_sent': ({ attemptId, messageId, text }) => ({
    kind: 'message_attempt',
    attemptId,
    messageId,
    text,
  }),
  'task.interrupted': ({ attemptId, messageId, reason }) => ({
    kind: 'interrupt_attempt',
    attemptId,
    messageId,
    reason,
  }),
  'budget.requested': null,
  'budget.reserved': null,
  'budget.denied': null,
  'budget.settled': null,
  'budget.threshold_reached': null,
  'budget.exhausted': null,
  'approval.requested': null,
  'approval.granted': ({ approvalId, comment }) => ({
    kind: 'decide_approval',
    approvalId,
    granted: true,
    comment,
  }),
  'approval.denied': ({ approvalId, comment }) => ({
    kind: 'decide_approval',
    approvalId,
    granted: false,
    comment,
  }),
  'approval.expired': null,
  'ci.reported': (data) => ({ kind: 'report_ci', ...data }),
  'gate.evaluated': null,
};

/** Whose results were named; the others had built upon those. */
const rejectedFor = (because: string, recorded: readonly RunEvent[]): readonly string[] =>
  recorded.flatMap((event) =>
    event.type === 'task.rejected' && event.data.because === because ? [event.data.attemptId] : [],
  );

const readOne = <Type extends RunEvent['type']>(
  event: { readonly type: Type; readonly data: DataOf<Type> },
  recorded: readonly RunEvent[],
): UntimedRunCommand | null => {
  const reading: Readings[Type] = readings[event.type];
  return reading === null ? null : reading(event.data, recorded);
};

/** What an operator told the run, by what was recorded of it; null when no operator can have said that. */
export const operatorCommand = (events: readonly RunEvent[]): UntimedRunCommand | null => {
  // All at once is more than one after the other: what they all blocked is free.
  if (events.filter(({ type }) => type === 'task.retried').length > 1) {
    const retried = events.find((event) => event.type === 'task.retried');
    return { kind: 'retry_all', model: retried?.data.model ?? null };
  }
  for (const event of events) {
    const command = readOne(event as Parameters<typeof readOne>[0], events);
    if (command !== null) return command;
  }
  return null;
};
