import type { PlanDocument } from '../plan-document.ts';
import { type DrawableTask, drawableTasks, shortDuration } from './drawable-plan.ts';
import { element, type SvgNode, text, writeSvg } from './svg.ts';

const row = 24;
const labelWidth = 260;
const chartWidth = 640;
const margin = 16;
const headHeight = 44;
const ticks = 6;

/** Works on a light and on a dark page: the colours are its own, and the critical path is also marked by a word in its tooltip. */
const style = [
  'svg{background:#fff;color-scheme:light}text{font:12px system-ui,sans-serif;fill:#1f2430}.title{font-weight:600;font-size:14px}',
  '.axis{fill:#5b6472;font-size:11px}.grid{stroke:#e3e6eb}.bar{fill:#7aa2d6}.critical{fill:#c2412d}.slack{fill:#7aa2d6;fill-opacity:.25}',
].join('');

/** The schedule as a self-contained SVG document; titles of tasks are text, never markup. */
export const svgGantt = (plan: Pick<PlanDocument, 'tasks' | 'estimate'>, title = 'Plan'): string => {
  const tasks = drawableTasks(plan);
  const endMs = tasks.reduce((latest, task) => Math.max(latest, task.endMs), 1);
  const width = labelWidth + chartWidth + 2 * margin;
  const height = headHeight + tasks.length * row + 2 * margin;
  const at = (ms: number): number => margin + labelWidth + (Math.min(ms, endMs) / endMs) * chartWidth;
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-label': `${title}: ${tasks.length} tasks, critical path ${plan.estimate.criticalPath.join(', ')}`,
  };
  return writeSvg(
    element('svg', attributes, [
      element('style', {}, [text(style)]),
      element('text', { x: margin, y: margin + 12, class: 'title' }, [text(title)]),
      ...axis(at, endMs, height),
      ...tasks.flatMap((task, index) => rowOf(task, margin + headHeight + index * row, at)),
    ]),
  );
};

const axis = (at: (ms: number) => number, endMs: number, height: number): SvgNode[] =>
  Array.from({ length: ticks + 1 }, (_, index) => (endMs * index) / ticks).flatMap((ms) => [
    element(
      'line',
      { x1: at(ms), x2: at(ms), y1: margin + headHeight - 8, y2: height - margin, class: 'grid' },
      [],
    ),
    element('text', { x: at(ms), y: margin + headHeight - 14, class: 'axis', 'text-anchor': 'middle' }, [
      text(shortDuration(ms)),
    ]),
  ]);

const longestLabel = 38;
const shortened = (label: string): string =>
  label.length <= longestLabel ? label : `${label.slice(0, longestLabel - 1).toWellFormed()}…`;

const rowOf = (task: DrawableTask, y: number, at: (ms: number) => number): SvgNode[] => {
  const bar = { y: y + 4, height: row - 8, rx: 3 };
  const words = `${task.key} ${task.title}: ${shortDuration(task.endMs - task.startMs)}, ${task.agentType}`;
  const note = task.critical ? 'on the critical path' : `slack ${shortDuration(task.slackMs)}`;
  return [
    element('text', { x: margin, y: y + 16 }, [text(shortened(`${task.key} ${task.title}`))]),
    element(
      'rect',
      { ...bar, x: at(task.endMs), width: at(task.endMs + task.slackMs) - at(task.endMs), class: 'slack' },
      [],
    ),
    element(
      'rect',
      {
        ...bar,
        x: at(task.startMs),
        width: Math.max(2, at(task.endMs) - at(task.startMs)),
        class: task.critical ? 'critical' : 'bar',
      },
      [element('title', {}, [text(`${words}; ${note}`)])],
    ),
  ];
};
