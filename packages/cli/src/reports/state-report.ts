import type { RunStateResource } from '@partitura/shared/http';
import { fields } from '../output/table.ts';
import { dollars, duration, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import { type Paper, runReport } from './run-report.ts';
import { statusText } from './status.ts';

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];

const budgetText = ({ budget }: RunStateResource): string | null => {
  const { reserved, holders } = budget;
  if (holders.length === 0) return null;
  return `${dollars(reserved.usd)} and ${quantity(reserved.tokens)} tokens set aside for ${holders.map(({ holder }) => holder).join(', ')}`;
};

const planText = ({ plan }: RunStateResource): string | null =>
  plan &&
  joined(
    `revision ${plan.revision}, ${plan.status}`,
    `${plan.tasks} tasks, ${plan.width} wide`,
    `critical path ${plan.criticalPath.join('→')} (${duration(plan.criticalPathMs)})`,
  );

/** `state RUN`: the run as it stood. */
export const stateReport = (state: RunStateResource, paper: Paper): readonly string[] => {
  const { run, agents, knowledge, approvals } = state;
  const tasks = state.tasks.filter(({ kind }) => kind !== 'epic' && kind !== 'story');
  const atWork = agents.filter(({ endedAt }) => endedAt === null);
  return [
    `at ${state.position}`,
    ...runReport(run, tasks, approvals, paper, 'then'),
    ...section(
      'At work',
      atWork.map(({ id, type, status, lastLine }) =>
        joined(`${statusText(status, paper.pen)} ${id}`, type, oneLine(lastLine, 200)),
      ),
    ),
    ...section(
      'Budget and plan',
      fields([
        ['budget', budgetText(state)],
        ['plan', planText(state)],
      ]),
    ),
    ...section(
      `Known (${knowledge.total})`,
      knowledge.nodes
        .filter(({ retracted }) => !retracted)
        .slice(0, 20)
        .map(({ kind, title, id }) => `${kind}: ${oneLine(title, 200)} (${id})`),
    ),
  ];
};
