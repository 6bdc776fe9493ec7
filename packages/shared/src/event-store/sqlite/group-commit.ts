import { PartituraError } from '../../runtime/errors.ts';
import type { Append } from '../append-decision.ts';
import type { AppendResult } from '../port.ts';
import { asStoreError } from './sqlite-errors.ts';
import type { AppendOutcome } from './writing.ts';

interface Waiting {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  append(append: Append): Promise<AppendResult>;
  /** Commits what waits, then takes no more. */
  close(): void;
}

export interface GroupCommitOptions {
  readonly path: string;
  readonly commit: (group: readonly Append[]) => readonly AppendOutcome[];
  /** Called after each commit that wrote something. */
  readonly committed: () => void;
}

/** The most appends in one transaction: the event loop must get a turn now and then. */
const mostInGroup = 1_000;

/**
 * All appends that wait when the event loop comes round share one transaction and one sync of the disk. Nobody waits for
 * company: a lone append is committed in the same turn.
 */
export const groupCommit = ({ path, commit, committed }: GroupCommitOptions): GroupCommit => {
  let waiting: Waiting[] = [];
  let scheduled = false;
  let closed = false;

  const flush = (): void => {
    const group = waiting.length > mostInGroup ? waiting.splice(0, mostInGroup) : waiting;
    if (group === waiting) waiting = [];
    scheduled = waiting.length > 0;
    if (scheduled) setImmediate(flush);
    if (group.length > 0) settle(group);
  };

  const settle = (group: readonly Waiting[]): void => {
    let outcomes: readonly AppendOutcome[];
    try {
      outcomes = commit(group.map(({ append }) => append));
    } catch (error) {
      const reason = asStoreError(path, error);
      for (const { reject } of group) reject(reason);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome && 'result' in outcome) resolve(outcome.result);
      else reject(outcome?.refusal);
    });
    committed();
  };

  return {
    append: (append) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(closedError(path));
          return;
        }
        waiting.push({ append, resolve, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
    close: () => {
      closed = true;
      while (waiting.length > 0) flush();
    },
  };
};

export const closedError = (path: string): PartituraError =>
  new PartituraError('STORE_CLOSED', `The event store ${path} is closed.`);
