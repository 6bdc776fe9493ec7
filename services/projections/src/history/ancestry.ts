import { translation } from '@partitura/shared/forking';
import type { Readers } from '../queries/readers.ts';

/** A run that a history is made of, from the latest back to the first. */
export interface Ancestor {
  readonly runId: string;
  /** The last position that counts; null for all there is. */
  readonly upTo: string | null;
}

const earlier = (left: string | null, right: string): string =>
  left !== null && left < right ? left : right;

/** A run, and what it was forked from, and what that was forked from: the first one last. */
export const ancestryOf = async (
  readers: Pick<Readers, 'several'>,
  runId: string,
): Promise<readonly Ancestor[]> => {
  const ancestors: Ancestor[] = [];
  let next: Ancestor | null = { runId, upTo: null };
  while (next !== null) {
    const current: Ancestor = next;
    ancestors.push(current);
    const [run] = await readers.several('runs', [current.runId]);
    const from = run?.forkedFrom ?? null;
    next = from === null ? null : { runId: from.runId, upTo: earlier(current.upTo, from.position) };
  }
  return ancestors;
};

/** What a run, a task or an agent of `runId` is called in a run that it was forked from. */
export const asCalledIn = (ancestor: Ancestor, runId: string, id: string): string =>
  ancestor.runId === runId ? id : translation(runId, ancestor.runId).text(id);
