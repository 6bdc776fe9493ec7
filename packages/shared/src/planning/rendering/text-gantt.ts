import type { PlanDocument } from '../plan-document.ts';
import { type DrawableTask, drawableTasks, shortDuration } from './drawable-plan.ts';
import { clip, fill } from './text-width.ts';

export interface TextGanttOptions {
  /** Columns of the terminal. Less than 40 is taken as 40. */
  readonly width: number;
  /** Without it, plain ASCII is drawn. */
  readonly unicode: boolean;
  /** Marks what is on the critical path, for example in colour. Given text of the final length. */
  readonly emphasise?: (text: string) => string;
}

interface Pencil {
  readonly critical: string;
  readonly other: string;
  readonly slack: string;
  readonly mark: string;
  readonly arrow: string;
  readonly ellipsis: string;
}

const pencils: Readonly<Record<'unicode' | 'ascii', Pencil>> = {
  unicode: { critical: '█', other: '▒', slack: '·', mark: '●', arrow: ' → ', ellipsis: '…' },
  ascii: { critical: '#', other: '=', slack: '.', mark: '*', arrow: ' -> ', ellipsis: '~' },
};

const narrowest = 40;

/**
 * One line for each piece of work, by when it begins; the critical path is marked, dots are slack. The last lines say what the
 * critical path is and how long it takes. No line is wider than `width`.
 */
export const textGantt = (
  plan: Pick<PlanDocument, 'tasks' | 'estimate'>,
  options: TextGanttOptions,
): string => {
  const tasks = drawableTasks(plan);
  const width = Math.max(narrowest, Math.floor(options.width));
  const pencil = pencils[options.unicode ? 'unicode' : 'ascii'];
  const emphasise = options.emphasise ?? ((text: string) => text);
  const scale = scaleOf(tasks, width);
  const lines = tasks.map((task) => {
    const line = lineOf(task, scale, pencil);
    return task.critical ? emphasise(line) : line;
  });
  return [...lines, '', ...legend(plan, width, pencil)].join('\n');
};

interface Scale {
  readonly keyWidth: number;
  readonly titleWidth: number;
  readonly durationWidth: number;
  readonly barWidth: number;
  readonly endMs: number;
}

const scaleOf = (tasks: readonly DrawableTask[], width: number): Scale => {
  const keyWidth = Math.max(2, ...tasks.map(({ key }) => key.length));
  const durationWidth = Math.max(4, ...tasks.map((task) => shortDuration(task.endMs - task.startMs).length));
  // The mark, and a space between the columns.
  const free = width - keyWidth - durationWidth - 5;
  const titleWidth = Math.max(6, Math.floor(free * 0.4));
  // What waits longer than the schedule lasts has its slack cut off at the edge.
  const endMs = tasks.reduce((latest, task) => Math.max(latest, task.endMs), 1);
  return { keyWidth, titleWidth, durationWidth, barWidth: free - titleWidth, endMs };
};

const lineOf = (task: DrawableTask, scale: Scale, pencil: Pencil): string => {
  const columns = [
    task.critical ? pencil.mark : ' ',
    fill(task.key, scale.keyWidth, pencil.ellipsis),
    fill(task.title, scale.titleWidth, pencil.ellipsis),
    barOf(task, scale, pencil),
    shortDuration(task.endMs - task.startMs).padStart(scale.durationWidth),
  ];
  return columns.join(' ');
};

/** At least one cell, so that nothing is too short to be seen. */
const barOf = (task: DrawableTask, { barWidth, endMs }: Scale, pencil: Pencil): string => {
  const cell = (ms: number): number => Math.round((ms / endMs) * barWidth);
  const start = Math.min(barWidth - 1, cell(task.startMs));
  const length = Math.max(1, Math.min(barWidth, cell(task.endMs)) - start);
  const slack = Math.max(0, Math.min(barWidth, cell(task.endMs + task.slackMs)) - start - length);
  const bar = (task.critical ? pencil.critical : pencil.other).repeat(length);
  return `${' '.repeat(start)}${bar}${pencil.slack.repeat(slack)}`.padEnd(barWidth);
};

const legend = ({ estimate }: Pick<PlanDocument, 'estimate'>, width: number, pencil: Pencil): string[] => {
  const { p50, p90 } = estimate.durationMs;
  return [
    `${pencil.mark} critical path ${estimate.criticalPath.join(pencil.arrow)} (${shortDuration(estimate.criticalPathMs)})`,
    `  ${estimate.schedule.length} tasks, ${estimate.width} at once; ${shortDuration(p50)} likely, ${shortDuration(p90)} in one of ten`,
  ].map((line) => clip(line, width, pencil.ellipsis));
};
