import type { CiStatus } from '@partitura/shared/events';

/** What a CI system says of a branch, whichever system it is. */
export interface CiReport {
  readonly name: string;
  readonly status: CiStatus;
  readonly branch: string;
  readonly commit: string | null;
  readonly url: string | null;
}

/** A task is null for the run's own branch. */
export interface CiSubject {
  readonly runId: string;
  readonly taskId: string | null;
}

/** `partitura/<run>` and `partitura-task/<run>.<key>.a<attempt>`: what we push, and nothing that another system would name so. */
export const subjectOf = (branch: string): CiSubject | null => {
  const run = /^partitura\/(r_[A-Za-z0-9]+)$/.exec(branch)?.[1];
  if (run !== undefined) return { runId: run, taskId: null };
  const [, task, runOfTask] = /^partitura-task\/((r_[A-Za-z0-9]+)\.[^/]+)\.a\d+$/.exec(branch) ?? [];
  return task === undefined || runOfTask === undefined ? null : { runId: runOfTask, taskId: task };
};

/** As our contract takes it: whatever else they put there is left out. */
export const commitIn = (value: unknown): string | null =>
  typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value) ? value : null;

export const urlIn = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= 2_000 && /^https?:\/\/[^\s]+$/.test(value) ? value : null;

/** Reads what somebody else wrote, one field after the other; null where there is nothing. */
export const at = (value: unknown, ...path: readonly string[]): unknown => {
  let found: unknown = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return null;
    found = Reflect.get(found, key);
  }
  return found ?? null;
};

export const textAt = (value: unknown, ...path: readonly string[]): string | null => {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
};
