import type { RunEvent } from '@partitura/shared/events';
import { counted, dollars, duration, quantity } from './figures.ts';
import { type Handlers, keyOf, nothing, taskOf } from './handlers.ts';
import { joined, type Line, line, oneLine } from './line.ts';
import type { RunView, TaskView } from './run-view.ts';

const spentOn = (view: RunView): string =>
  joined(view.rehearsal ? null : dollars(view.usd), `${quantity(view.tokens)} tokens`);

const changed = ({ insertions, deletions }: TaskView): string | null =>
  insertions + deletions === 0 ? null : `+${insertions} −${deletions}`;

const tested = ({ tests }: TaskView): string | null =>
  tests === null ? null : `tests ${tests.passed}/${tests.total}`;

const completed = (view: RunView, id: string, durationMs: number, at: number): Line => {
  const task = taskOf(view, id);
  if (!task) return line(at, 'done', `${keyOf(view, id)} done`);
  task.status = 'completed';
  const facts = [
    duration(durationMs),
    view.rehearsal ? null : dollars(task.usd),
    changed(task),
    tested(task),
  ];
  return line(
    at,
    'done',
    `${task.key} ${oneLine(task.title, 50)}  ${facts.filter((fact) => fact !== null).join(' ')}`,
  );
};

const pauses: Readonly<Record<string, string>> = {
  operator: 'paused',
  interrupted: 'interrupted',
  budget: 'paused: the budget leaves no room',
  step: 'stopped before the next step',
  model_unavailable: 'paused: the model cannot be had',
};

const lifecycle: Handlers<RunEvent> = {
  'run.created': (view, { configuration }) => {
    view.maxAttempts = configuration.workflow.policy.maxAttempts;
    view.rehearsal = configuration.rehearsal;
    view.planOnly = configuration.planOnly;
    view.budgetUsd =
      configuration.budget?.microUsd == null ? null : configuration.budget.microUsd / 1_000_000;
    view.budgetTokens = configuration.budget?.tokens ?? null;
    return nothing;
  },
  'run.forked': (_, { parentRunId, at: position }, { at }) => [
    line(at, 'working', `goes on from ${parentRunId} as it was at ${position}`),
  ],
  'run.started': (view, _, { at }) => {
    view.startedAt = at;
    return nothing;
  },
  'run.paused': (view, { reason, detail }, { at }) => {
    view.phase = { kind: 'paused', reason, detail };
    if (reason === 'budget') view.trouble = 'BUDGET_EXHAUSTED';
    if (reason === 'step') view.trouble = 'STEP';
    const said = detail === '' ? '' : `: ${oneLine(detail)}`;
    return [line(at, 'attention', `${pauses[reason] ?? 'paused'}${said}`)];
  },
  'run.resumed': (view, _, { at }) => {
    view.phase = { kind: 'going' };
    view.trouble = null;
    return [line(at, 'working', 'goes on')];
  },
  'run.completed': (view, { branch, requirements, requirementsMet }, { at }) => {
    view.phase = { kind: 'ended', status: 'completed' };
    if (view.planOnly) return [line(at, 'done', joined('planned, nothing was executed', spentOn(view)))];
    const where = branch === null ? 'done' : `merged to ${branch}`;
    return [
      line(at, 'done', joined(where, `${requirementsMet}/${requirements} requirements`, spentOn(view))),
    ];
  },
  'run.failed': (view, { problem }, { at }) => {
    view.trouble = problem.code;
    view.phase = { kind: 'ended', status: 'failed' };
    return [line(at, 'failed', joined(`failed: ${oneLine(problem.message, 300)}`, spentOn(view)))];
  },
  'run.cancelled': (view, { reason }, { at }) => {
    view.phase = { kind: 'ended', status: 'cancelled' };
    return [
      line(at, 'failed', joined(`cancelled${reason === '' ? '' : `: ${oneLine(reason)}`}`, spentOn(view))),
    ];
  },
  'run.stopped': (view, { by, detail }, { at }) => {
    view.phase = { kind: 'ended', status: 'stopped' };
    return [line(at, 'failed', joined(`stopped by ${by}: ${oneLine(detail)}`, spentOn(view)))];
  },
  'phase.interrupted': (view, { phase, problem }, { at }) => {
    view.trouble = problem.code;
    return [line(at, 'failed', `${phase} cannot go on: ${oneLine(problem.message, 300)}`)];
  },
};

const tasks: Handlers<RunEvent> = {
  'task.added': (view, { taskId, definition, conflict }, { at }) => {
    view.tasks.set(taskId, {
      key: definition.key,
      title: definition.title,
      agentType: definition.agentType,
      work: definition.kind !== 'epic' && definition.kind !== 'story',
      tokens: definition.estimatedTokens,
      status: 'queued',
      attempt: 0,
      startedAt: null,
      usd: 0,
      insertions: 0,
      deletions: 0,
      tests: null,
    });
    if (conflict === null) return nothing;
    return [
      line(
        at,
        'attention',
        `${definition.key} new task: ${oneLine(definition.title, 60)} (${conflict.files.join(', ')})`,
      ),
    ];
  },
  'task.started': (view, { taskId }, { at }) => {
    const task = taskOf(view, taskId);
    if (!task) return nothing;
    Object.assign(task, { status: 'running', startedAt: at });
    view.starting.push(task);
    return nothing;
  },
  'task.scheduled': (view, { taskId, attempt }) => {
    const task = taskOf(view, taskId);
    if (task) task.attempt = attempt;
    return nothing;
  },
  'task.submitted': (view, { taskId }) => setStatus(view, taskId, 'submitted'),
  'task.completed': (view, { taskId, durationMs }, { at }) => [completed(view, taskId, durationMs, at)],
  'task.attempt_failed': (view, { taskId, problem, counts }, { at }) => {
    setStatus(view, taskId, 'queued');
    view.trouble = problem.code;
    const attempt = taskOf(view, taskId)?.attempt ?? 1;
    const next = counts ? `retry ${attempt + 1}/${view.maxAttempts}` : 'again when that is mended';
    return [line(at, 'failed', `${keyOf(view, taskId)} ${oneLine(problem.message)} → ${next}`)];
  },
  'task.failed': (view, { taskId }) => setStatus(view, taskId, 'failed'),
  'task.dead_lettered': (view, { taskId, problem }, { at }) => {
    setStatus(view, taskId, 'failed');
    const text = `${keyOf(view, taskId)} gave up: ${oneLine(problem.message)} → partitura retry ${taskId}`;
    return [line(at, 'failed', text)];
  },
  'task.blocked': (view, { taskId, by }, { at }) => [
    line(at, 'waiting', `${keyOf(view, taskId)} blocked by ${keyOf(view, by)}`),
  ],
  'task.unblocked': (view, { taskId }, { at }) => [
    line(at, 'waiting', `${keyOf(view, taskId)} no longer blocked`),
  ],
  'task.cancelled': (view, { taskId, reason }, { at }) => {
    setStatus(view, taskId, 'cancelled');
    return [
      line(at, 'failed', `${keyOf(view, taskId)} cancelled${reason === '' ? '' : `: ${oneLine(reason)}`}`),
    ];
  },
  'task.retried': (view, { taskId, model }, { at }) => {
    setStatus(view, taskId, 'queued');
    return [
      line(at, 'waiting', `${keyOf(view, taskId)} queued again${model === null ? '' : ` with ${model}`}`),
    ];
  },
  'task.rejected': (view, { taskId, reason, because }, { at }) => {
    setStatus(view, taskId, 'queued');
    const why = because === null ? oneLine(reason) : `it had built upon ${keyOf(view, because)}`;
    return [line(at, 'failed', `${keyOf(view, taskId)} rejected: ${why}`)];
  },
  'task.approved': (view, { taskId }, { at }) => [line(at, 'done', `${keyOf(view, taskId)} taken as it is`)],
  'task.commented': (view, { taskId, text }, { at }) => [
    line(at, 'plain', `${keyOf(view, taskId)} comment: ${oneLine(text)}`),
  ],
};

const setStatus = (view: RunView, taskId: string, status: TaskView['status']): readonly Line[] => {
  const task = taskOf(view, taskId);
  if (task) task.status = status;
  return nothing;
};

const decisions: Handlers<RunEvent> = {
  'budget.threshold_reached': (_, { limit, threshold }, { at }) => [
    line(at, 'attention', `${Math.round(threshold * 100)}% of the ${limits[limit]} is spent`),
  ],
  'budget.exhausted': (_, { limit, action }, { at }) => [
    line(
      at,
      'attention',
      `the ${limits[limit]} leaves no room for the next call: ${action === 'stop' ? 'the run stops' : 'the run pauses'}`,
    ),
  ],
  'approval.requested': (view, { approvalId, action, subject }, { at }) => {
    view.approvals.set(approvalId, { id: approvalId, action, subject });
    const who = subject === view.runId ? '' : `${keyOf(view, subject)} `;
    const text = `${who}needs approval: ${actionText(action)} → partitura approve ${approvalId} (or deny)`;
    return [line(at, 'attention', text)];
  },
  'approval.granted': (view, { approvalId }, { at }) => decided(view, approvalId, 'done', 'approved', at),
  'approval.denied': (view, { approvalId }, { at }) => decided(view, approvalId, 'failed', 'denied', at),
  'approval.expired': (view, { approvalId }, { at }) =>
    decided(view, approvalId, 'failed', 'not answered in time, which is a no', at),
  'gate.evaluated': (view, { gate, subject, verdict, findings }, { at }) =>
    verdict === 'passed'
      ? nothing
      : [
          line(
            at,
            verdict === 'failed' ? 'failed' : 'attention',
            `${keyOf(view, subject)} gate ${gate} ${verdict}: ${counted(findings.length, 'finding')}`,
          ),
        ],
};

const limits = { tokens: 'token budget', usd: 'budget', wall: 'time' } as const;

const decided = (
  view: RunView,
  id: string,
  mark: 'done' | 'failed',
  word: string,
  at: number,
): readonly Line[] => {
  const approval = view.approvals.get(id);
  view.approvals.delete(id);
  return [line(at, mark, `${word}: ${approval ? actionText(approval.action) : id}`)];
};

const actionText = (action: string): string => oneLine(action.replaceAll('_', ' '));

export const runHandlers: Handlers<RunEvent> = { ...lifecycle, ...tasks, ...decisions };
