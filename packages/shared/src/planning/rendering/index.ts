export { shortDuration } from './drawable-plan.ts';
export { mermaidFlowchart, mermaidGantt } from './mermaid.ts';
export { svgGantt } from './svg-gantt.ts';
export { type TextGanttOptions, textGantt } from './text-gantt.ts';
