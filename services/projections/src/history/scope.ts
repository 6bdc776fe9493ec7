import { PartituraError } from '@partitura/shared/runtime';
import type { Readers } from '../queries/readers.ts';

/** What a history is of. */
export interface Scope {
  readonly field: 'projectId' | 'runId' | 'taskId' | 'agentId';
  readonly id: string;
  /** Null for a project: it has many. */
  readonly runId: string | null;
}

export type Whole = 'projects' | 'runs' | 'tasks' | 'agents';

const scopeOf = async (readers: Readers, whole: Whole, id: string): Promise<Scope> => {
  switch (whole) {
    case 'projects':
      await readers.one('projects', id);
      return { field: 'projectId', id, runId: null };
    case 'runs':
      await readers.one('runs', id);
      return { field: 'runId', id, runId: id };
    case 'tasks':
      return { field: 'taskId', id, runId: (await readers.one('tasks', id)).runId };
    case 'agents':
      return { field: 'agentId', id, runId: (await readers.one('agents', id)).runId };
  }
};

interface Part {
  readonly kind: 'task' | 'agent';
  readonly id: string;
}

/** The part alone, which has to be one of the whole. */
const narrowed = async (
  readers: Readers,
  { field, id: wholeId }: Scope,
  { kind, id }: Part,
): Promise<Scope> => {
  const document = kind === 'task' ? await readers.one('tasks', id) : await readers.one('agents', id);
  const own = kind === 'task' ? { taskId: id } : { agentId: id };
  if (Reflect.get({ ...document, ...own }, field) === wholeId)
    return { field: `${kind}Id`, id, runId: document.runId };
  throw new PartituraError(`${kind.toUpperCase()}_NOT_FOUND`, `There is no ${kind} "${id}" in ${wholeId}.`);
};

/** @throws {PartituraError} `PROJECT_NOT_FOUND`, `RUN_NOT_FOUND`, `TASK_NOT_FOUND`, `AGENT_NOT_FOUND` */
export const scopeWithin = async (
  readers: Readers,
  whole: Whole,
  id: string,
  { task, agent }: { readonly task?: string | undefined; readonly agent?: string | undefined },
): Promise<Scope> => {
  const scope = await scopeOf(readers, whole, id);
  const ofTask = task === undefined ? scope : await narrowed(readers, scope, { kind: 'task', id: task });
  return agent === undefined ? ofTask : narrowed(readers, ofTask, { kind: 'agent', id: agent });
};
