import type { TaskId } from '@partitura/shared/events';
import TinyQueue from 'tinyqueue';

/** Something that is due at a time, unless what it is about has changed by then. All of it follows from the log. */
export type Timer =
  | { readonly kind: 'retry'; readonly at: number; readonly taskId: TaskId }
  | { readonly kind: 'deadline'; readonly at: number; readonly taskId: TaskId; readonly attemptId: string }
  | { readonly kind: 'approval'; readonly at: number; readonly approvalId: string };

export interface Timers {
  add(timer: Timer): void;
  /** Drops what is over (and so for good), from the soonest on, and answers the next that is not; null for none. */
  next(isOver: (timer: Timer) => boolean): Timer | null;
  /** In no order; some may be over. */
  all(): readonly Timer[];
  /** All of them are that much later, in milliseconds. */
  shift(ms: number): void;
  copy(): Timers;
}

export const createTimers = (timers: readonly Timer[] = []): Timers => {
  const heap = new TinyQueue<Timer>([...timers], (left, right) => left.at - right.at);
  return {
    all: () => heap.data,
    copy: () => createTimers(heap.data),
    add: (timer) => heap.push(timer),
    shift: (ms) => {
      // Their order stays.
      heap.data = heap.data.map((timer) => ({ ...timer, at: timer.at + ms }));
    },
    next: (isOver) => {
      for (let top = heap.peek(); top; top = heap.peek()) {
        if (!isOver(top)) return top;
        heap.pop();
      }
      return null;
    },
  };
};
