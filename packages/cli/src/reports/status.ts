import type { RunStatus, TaskStatus } from '@partitura/shared/http';
import type { Mark, Pen } from '../screen/symbols.ts';

const marks: Readonly<Record<RunStatus | TaskStatus | 'waiting' | 'succeeded', Mark>> = {
  queued: 'waiting',
  pending: 'waiting',
  ready: 'waiting',
  scheduled: 'waiting',
  waiting: 'waiting',
  blocked: 'waiting',
  running: 'working',
  in_review: 'working',
  paused: 'attention',
  completed: 'done',
  succeeded: 'done',
  failed: 'failed',
  dead_letter: 'failed',
  cancelled: 'failed',
  stopped_budget: 'failed',
  stopped_policy: 'failed',
  excerpt: 'attention',
};

/** The symbol and the word. */
export const statusText = (status: keyof typeof marks, pen: Pen): string =>
  `${pen.mark(marks[status])} ${status.replaceAll('_', ' ')}`;
