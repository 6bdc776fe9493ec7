import type { ApprovalResource, RunResource, TaskResource } from '@partitura/shared/http';
import { fields, table } from '../output/table.ts';
import { clockTime, dollars, duration, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import type { Pen } from '../screen/symbols.ts';
import { ago } from './ago.ts';
import { statusText } from './status.ts';

export interface Paper {
  readonly pen: Pen;
  /** Columns. */
  readonly width: number;
  readonly now: number;
}

export const tokensIn = (usage: RunResource['usage']): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;

/** `ps`: one row for each run. */
export const runTable = (runs: readonly RunResource[], { pen, width, now }: Paper): readonly string[] => {
  if (runs.length === 0) return ['No runs yet. Start one: partitura run PRD.md'];
  return table(
    [
      { title: 'RUN' },
      { title: 'STATUS' },
      { title: 'TASKS', align: 'right' },
      { title: 'COST', align: 'right' },
      { title: 'STARTED' },
      { title: 'PROJECT', flexible: true },
    ],
    runs.map((run) => [
      run.id,
      joinedStatus(run, pen),
      `${run.tasks.completed}/${run.tasks.total}`,
      run.rehearsal ? 'rehearsal' : dollars(run.usage.costUsd),
      ago(run.createdAt, now),
      oneLine(run.projectName),
    ]),
    width,
  );
};

const joinedStatus = (run: RunResource, pen: Pen): string =>
  run.pendingApprovals > 0
    ? `${statusText(run.status, pen)} (${run.pendingApprovals} to approve)`
    : statusText(run.status, pen);

/** `show RUN`. */
export const runReport = (
  run: RunResource,
  tasks: readonly TaskResource[],
  approvals: readonly ApprovalResource[],
  paper: Paper,
  when: 'now' | 'then' = 'now',
): readonly string[] => {
  const { pen } = paper;
  return [
    ...fields([
      ['run', run.id],
      ['project', `${oneLine(run.projectName)} (${run.projectId})`],
      ['status', joined(statusText(run.status, pen), run.statusDetail)],
      ['phase', run.phase],
      ['model', run.rehearsal ? 'rehearsal: no model is asked, nothing is spent' : run.model],
      ['workflow', run.workflow],
      [
        'repository',
        run.repository === null ? null : `${run.repository.url} (from ${run.repository.baseBranch})`,
      ],
      ['branch', run.branch === null ? null : joined(run.branch, run.commit?.slice(0, 12) ?? null)],
      ['requirements', requirementsText(run)],
      ['tasks', tasksText(run)],
      ['spent', spentText(run)],
      ['time', timeText(run, paper.now)],
    ]),
    ...(tasks.length === 0 ? [] : ['', ...taskTable(tasks, paper)]),
    ...approvals
      .filter(({ status }) => status === 'pending')
      .flatMap(({ id, action, detail }) => [
        '',
        `${pen.mark('attention')} needs approval: ${oneLine(action.replaceAll('_', ' '))} → partitura approve ${id} (or deny)`,
        `  ${oneLine(detail, 300)}`,
      ]),
    // Of a run as it stood, nothing can be done any more.
    ...(when === 'now' ? nextStep(run) : []),
  ];
};

const tasksText = ({ tasks, agents }: RunResource): string =>
  joined(
    `${tasks.completed}/${tasks.total} completed`,
    tasks.running > 0 ? `${tasks.running} running` : null,
    tasks.deadLettered > 0 ? `${tasks.deadLettered} in the dead letters` : null,
    `${agents} agents`,
  );

const spentText = ({ usage, budget, rehearsal }: RunResource): string =>
  joined(
    rehearsal ? null : `${dollars(usage.costUsd)}${budget?.usd == null ? '' : ` of ${dollars(budget.usd)}`}`,
    `${quantity(tokensIn(usage))}${budget?.tokens == null ? '' : ` of ${quantity(budget.tokens)}`} tokens`,
    `${usage.calls} calls`,
  );

const timeText = ({ createdAt, startedAt, endedAt }: RunResource, now: number): string =>
  joined(
    `started ${ago(createdAt, now)}`,
    endedAt === null ? null : `took ${duration(Date.parse(endedAt) - Date.parse(startedAt ?? createdAt))}`,
  );

const nextStep = ({ id, status, tasks, branch, repository }: RunResource): readonly string[] => {
  if (status === 'paused') return ['', `go on: partitura resume ${id}`];
  if (status === 'failed' && tasks.deadLettered > 0) return ['', `try again: partitura retry ${id}`];
  if (status === 'completed' && branch !== null && repository !== null)
    return ['', `look at it: git -C ${repository.url} log --oneline ${repository.baseBranch}..${branch}`];
  return [];
};

export const taskTable = (tasks: readonly TaskResource[], { pen, width }: Paper): readonly string[] =>
  table(
    [
      { title: 'TASK' },
      { title: 'STATUS' },
      { title: 'AGENT' },
      { title: 'TRIES', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: 'TITLE', flexible: true },
    ],
    tasks.map((task) => [
      task.key,
      statusText(task.status, pen),
      task.agentType,
      String(task.attempts),
      took(task),
      oneLine(task.title),
    ]),
    width,
  );

const took = ({ startedAt, completedAt }: TaskResource): string =>
  startedAt === null || completedAt === null ? '' : duration(Date.parse(completedAt) - Date.parse(startedAt));

/** The clock on a line of history: since the run began. */
export const since = (time: string, begin: string): string => clockTime(Date.parse(time) - Date.parse(begin));

/** What a fork was told not to do is no failure. */
const requirementsText = ({ requirements, requirementsMet, requirementsDropped }: RunResource) =>
  requirements === 0
    ? null
    : joined(
        `${requirementsMet}/${requirements} met`,
        requirementsDropped === undefined ? null : `${requirementsDropped} dropped`,
      );
