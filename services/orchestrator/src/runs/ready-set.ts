import TinyQueue from 'tinyqueue';
import type { Task } from './task.ts';

/**
 * Tasks that may begin, the most urgent first: by priority, then by the length of what waits behind them, then in the order of
 * the plan. Kept as tasks become ready, so that finishing one costs its out-degree and not the size of the plan.
 */
export interface ReadySet {
  add(task: Task): void;
  /** The first `count` in order. Changes nothing, so that a decision may look and not take. */
  first(count: number): readonly Task[];
  /** Lets go of what is not ready any more. Called as tasks leave the set: cheap, because they leave from its top. */
  tidy(): void;
  readonly size: () => number;
}

const bySchedule = (left: Task, right: Task): number =>
  left.definition.priority - right.definition.priority ||
  right.pathTokens - left.pathTokens ||
  left.index - right.index;

interface Node {
  readonly task: Task;
  readonly at: number;
}

const isReady = (task: Task): boolean => task.status.kind === 'ready';

export const createReadySet = (): ReadySet => {
  const heap = new TinyQueue<Task>([], bySchedule);

  /** Walks the heap from its root: a node's children come into question only after the node. */
  const first = (count: number): readonly Task[] => {
    // A set: a task that came back (a retry) may stand in the heap twice.
    const found = new Set<Task>();
    const candidates = new TinyQueue<Node>([], (left, right) => bySchedule(left.task, right.task));
    const consider = (at: number): void => {
      const task = heap.data[at];
      if (task !== undefined) candidates.push({ task, at });
    };
    consider(0);
    for (let next = candidates.pop(); next && found.size < count; next = candidates.pop()) {
      if (isReady(next.task)) found.add(next.task);
      consider(2 * next.at + 1);
      consider(2 * next.at + 2);
    }
    return [...found];
  };

  return {
    add: (task) => heap.push(task),
    first,
    tidy: () => {
      for (let top = heap.peek(); top && !isReady(top); top = heap.peek()) heap.pop();
    },
    size: () => heap.data.filter(isReady).length,
  };
};
