import { dollars, duration, quantity } from './figures.ts';
import type { RunView } from './run-view.ts';
import type { Pen } from './symbols.ts';

const barCells = 9;

/** `── 11/14 ▓▓▓▓▓▓▓░░ 4 agents · $1.62/$5 · ETA 2m · waiting on you: 1 ──`, never wider than `width`. */
export const footer = (view: RunView, now: number, width: number, pen: Pen): string => {
  const parts = footerParts(view, now);
  // From the right: what is least missed goes first.
  for (let kept = parts.length; kept > 0; kept -= 1) {
    const text = pen.plain(`── ${parts.slice(0, kept).join(' · ')} ──`);
    if (text.length < width) return pen.paint('dim', text);
  }
  return '';
};

const footerParts = (view: RunView, now: number): readonly string[] => {
  const work = [...view.tasks.values()].filter((task) => task.work && task.status !== 'cancelled');
  const done = work.filter(({ status }) => status === 'completed').length;
  const running = work.filter(({ status }) => status === 'running').length;
  const filled = work.length === 0 ? 0 : Math.floor((done / work.length) * barCells);
  const bar = '▓'.repeat(filled) + '░'.repeat(barCells - filled);
  const progress =
    work.length === 0
      ? 'planning'
      : `${done}/${work.length} ${bar} ${running} ${running === 1 ? 'agent' : 'agents'}`;
  const eta = expectedMs(view, work, now);
  return [
    view.approvals.size > 0 ? `waiting on you: ${view.approvals.size}` : null,
    view.phase.kind === 'paused' ? 'paused' : null,
    progress,
    money(view),
    eta === null ? null : `ETA ${wholeSeconds(eta)}`,
    view.startedAt === null ? null : wholeSeconds(now - view.startedAt),
  ].filter((part) => part !== null);
};

/** What changes ten times a second cannot be read, and would be drawn ten times a second. */
const wholeSeconds = (ms: number): string =>
  ms < 10_000 ? `${Math.floor(Math.max(0, ms) / 1_000)}s` : duration(ms);

const money = (view: RunView): string | null => {
  if (view.budgetUsd !== null) return `${dollars(view.usd)}/${dollars(view.budgetUsd)}`;
  if (view.budgetTokens !== null) return `${quantity(view.tokens)}/${quantity(view.budgetTokens)} tokens`;
  return view.rehearsal ? 'rehearsal' : dollars(view.usd);
};

type Work = readonly {
  readonly tokens: number;
  readonly status: string;
  readonly startedAt: number | null;
}[];

/** By the share of the estimated work that is done since the first task began; null before a fifth is done. */
const expectedMs = (view: RunView, work: Work, now: number): number | null => {
  const weightOf = (tasks: Work): number => tasks.reduce((sum, { tokens }) => sum + Math.max(1, tokens), 0);
  const share = weightOf(work.filter(({ status }) => status === 'completed')) / Math.max(1, weightOf(work));
  const begun = work.reduce((first, { startedAt }) => Math.min(first, startedAt ?? first), now);
  return share < 0.2 || share === 1 || view.phase.kind !== 'going'
    ? null
    : ((now - begun) / share) * (1 - share);
};
