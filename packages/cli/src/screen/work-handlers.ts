import {
  type AgentEvent,
  type CheckResult,
  type MergeEvent,
  type PlanEvent,
  tokensOf,
  type Usage,
} from '@partitura/shared/events';
import { shortDuration } from '@partitura/shared/planning';
import { counted } from './figures.ts';
import { type Handlers, keyOf, nothing, type Occasion, taskOf } from './handlers.ts';
import { joined, type Line, line, oneLine } from './line.ts';
import type { RunView } from './run-view.ts';

const spent = (view: RunView, usage: Usage, { streamId }: Occasion): readonly Line[] => {
  view.usd += usage.costMicroUsd / 1_000_000;
  view.tokens += tokensOf(usage);
  const task = taskOf(view, streamId);
  if (task) task.usd += usage.costMicroUsd / 1_000_000;
  return nothing;
};

const longestPath = 8;

const path = (keys: readonly string[]): string =>
  keys.length <= longestPath
    ? keys.join('→')
    : `${keys.slice(0, longestPath - 2).join('→')}→…→${keys.at(-1)}`;

export const planHandlers: Handlers<PlanEvent> = {
  'plan.requirements_identified': (_, { requirements, questions }, { at }) => [
    line(at, 'done', `PRD read: ${counted(requirements, 'requirement')}, ${counted(questions, 'question')}`),
  ],
  'plan.architecture_described': (_, { technologies, risks }, { at }) => [
    line(
      at,
      'done',
      `architecture: ${joined(oneLine(technologies.slice(0, 4).join(', '), 80), counted(risks, 'risk'))}`,
    ),
  ],
  'plan.tasks_refused': (_, { problems, repair }, { at }) => [
    line(
      at,
      'failed',
      `plan refused: ${oneLine(problems[0]?.message ?? 'it is not valid')} → repair ${repair}`,
    ),
  ],
  'plan.proposed': (_, { tasks, width, criticalPath, criticalPathMs }, { at }) => [
    line(
      at,
      'done',
      `plan: ${counted(tasks, 'task')}, ${width} wide, critical path ${path(criticalPath)} ≈ ${shortDuration(criticalPathMs)}`,
    ),
  ],
  'plan.failed': (_, { phase, problem }, { at }) => [
    line(at, 'failed', `${phase} failed: ${oneLine(problem.message, 300)}`),
  ],
};

/** Of the project's own tests, where their runner says how many there are. */
const testsOf = (checks: readonly CheckResult[]): { passed: number; total: number } | null => {
  const counts = checks.filter(({ passed }) => passed !== null);
  if (counts.length === 0) return null;
  const passed = counts.reduce((sum, check) => sum + (check.passed ?? 0), 0);
  return { passed, total: passed + counts.reduce((sum, check) => sum + (check.failed ?? 0), 0) };
};

const told = (checks: readonly CheckResult[]): string => {
  const tests = testsOf(checks);
  if (tests !== null) return `tests ${tests.passed}/${tests.total}`;
  const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  return failed.length === 0 ? 'criteria not met' : `${failed.join(', ')} failed`;
};

export const agentHandlers: Handlers<AgentEvent> = {
  'model.answered': (view, { usage }, occasion) => spent(view, usage, occasion),
  'model.failed': (view, { usage }, occasion) => spent(view, usage, occasion),
  'agent.checkpoint_committed': (view, { insertions, deletions }, { streamId }) => {
    const task = taskOf(view, streamId);
    if (task) {
      task.insertions += insertions;
      task.deletions += deletions;
    }
    return nothing;
  },
  'agent.checked': (view, { checks }, { streamId }) => {
    const task = taskOf(view, streamId);
    if (task) task.tests = testsOf(checks) ?? task.tests;
    return nothing;
  },
  'agent.verified': (view, data, { at, streamId }) => {
    if (data.passed) return nothing;
    return [
      line(
        at,
        'failed',
        `${keyOf(view, streamId)} ${notVerified(view, streamId, data)} → learns and tries again`,
      ),
    ];
  },
  'agent.crashed': (view, _, { at, streamId }) => [
    line(at, 'attention', `${keyOf(view, streamId)} its runner is gone; taken up where it stopped`),
  ],
  'agent.rate_limited': (view, { until }, { at, streamId }) => [
    line(
      at,
      'waiting',
      `${keyOf(view, streamId)} waits for the model's rate limit until ${until.slice(11, 19)} UTC`,
    ),
  ],
};

const notVerified = (
  view: RunView,
  streamId: string,
  { criteria }: { readonly criteria: readonly { readonly met: boolean }[] },
): string => {
  const tests = taskOf(view, streamId)?.tests ?? null;
  if (tests !== null && tests.passed < tests.total) return `tests ${tests.passed}/${tests.total}`;
  const met = criteria.filter((one) => one.met).length;
  return met < criteria.length ? `criteria ${met}/${criteria.length}` : 'checks failed';
};

export const mergeHandlers: Handlers<MergeEvent> = {
  'merge.conflicted': (view, { taskId, files }, { at }) => [
    line(at, 'attention', `${keyOf(view, taskId)} conflicts in ${oneLine(files.join(', '), 80)}`),
  ],
  'merge.rejected': (view, { taskId, checks }, { at }) => [
    line(at, 'failed', `${keyOf(view, taskId)} merged, but ${told(checks)} with it: taken back`),
  ],
  'merge.completed': (view, { taskId, checks }) => {
    const task = taskOf(view, taskId);
    if (task) task.tests = testsOf(checks) ?? task.tests;
    return nothing;
  },
};
