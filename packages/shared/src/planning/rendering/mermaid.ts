import type { PlanDocument } from '../plan-document.ts';
import { drawableTasks } from './drawable-plan.ts';

type Plan = Pick<PlanDocument, 'tasks' | 'estimate'>;

/** Mermaid reads `:`, `;`, `#` and `,` as its own in a Gantt chart’s text. */
const ganttText = (text: string): string =>
  text
    .replace(/[:;#,\p{Cc}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** In quotes only these have to be written as entities; brackets and the rest are safe there. */
const quoted = (text: string): string =>
  `"${text
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('&', '#amp;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')}"`;

/** A task’s key as an id that is none of Mermaid’s own words (`end`, `graph`, `crit` …). */
const id = (key: string): string => `task_${key}`;

/** A Gantt chart for Mermaid. Times are counted from 0, as the plan has no date; the critical path is `crit`. */
export const mermaidGantt = (plan: Plan, title = 'Plan'): string => {
  const lines = ['gantt', `  title ${ganttText(title)}`, '  dateFormat x', '  axisFormat %H:%M:%S'];
  let section: string | null = null;
  const tasks = drawableTasks(plan);
  const groups = [...new Set(tasks.map(({ group }) => group))];
  for (const task of groups.flatMap((group) => tasks.filter((one) => one.group === group))) {
    const name = task.group ?? 'Tasks';
    if (name !== section) lines.push(`  section ${ganttText(name)}`);
    section = name;
    const tags = [
      ...(task.critical ? ['crit'] : []),
      id(task.key),
      Math.round(task.startMs),
      Math.round(task.endMs),
    ];
    lines.push(`  ${ganttText(`${task.key} ${task.title}`)} :${tags.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
};

/** The dependencies for Mermaid, what comes first above; the critical path is drawn with thick arrows. */
export const mermaidFlowchart = (plan: Plan): string => {
  const tasks = drawableTasks(plan);
  const path = plan.estimate.criticalPath;
  const next = new Map(path.map((key, index) => [key, path[index + 1]]));
  const nodes = tasks.map(
    (task) =>
      `  ${id(task.key)}[${quoted(`${task.key} ${task.title}`)}]${task.critical ? ':::critical' : ''}`,
  );
  const edges = tasks.flatMap(({ key, dependsOn }) =>
    dependsOn.map((on) => `  ${id(on)} ${next.get(on) === key ? '==>' : '-->'} ${id(key)}`),
  );
  return `${['flowchart TD', ...nodes, ...edges, '  classDef critical stroke-width:3px'].join('\n')}\n`;
};
