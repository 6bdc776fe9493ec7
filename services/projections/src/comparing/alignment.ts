import type { TaskDocument } from '../tasks/task-document.ts';
import type { ComparedTasks } from './resource.ts';

type By = NonNullable<ComparedTasks['alignedBy']>;

/** Two runs' tasks that are the same work; one of them is null where only one run has it. */
export interface Pair {
  readonly by: By | null;
  readonly a: TaskDocument | null;
  readonly b: TaskDocument | null;
}

const titleOf = ({ title }: TaskDocument): string => title.trim().replaceAll(/\s+/g, ' ').toLowerCase();
const requirementsOf = ({ requirementIds }: TaskDocument): string => requirementIds.toSorted().join(' ');

const names: Readonly<Record<By, (task: TaskDocument) => string>> = {
  key: ({ key }) => key,
  title: titleOf,
  requirements: requirementsOf,
};

/** Those that one name fits alone: two tasks that serve the same requirements cannot be told apart by them. */
const alone = (tasks: readonly TaskDocument[], nameOf: (task: TaskDocument) => string) => {
  const groups = Map.groupBy(tasks, nameOf);
  return new Map(
    [...groups].flatMap(([name, [only, another]]) =>
      name !== '' && only && !another ? [[name, only] as const] : [],
    ),
  );
};

/**
 * Tasks of two runs side by side, in the order of the first. Keys say something in runs that share a past only: two plans call whatever
 * they like T4.
 */
export const alignTasks = (
  first: readonly TaskDocument[],
  second: readonly TaskDocument[],
  sharePast: boolean,
): readonly Pair[] => {
  const found = new Map<string, { readonly by: By; readonly b: TaskDocument }>();
  const taken = new Set<string>();
  const ways: readonly By[] = sharePast ? ['key', 'title', 'requirements'] : ['title', 'requirements'];
  for (const by of ways) {
    const left = alone(
      first.filter(({ id }) => !found.has(id)),
      names[by],
    );
    const right = alone(
      second.filter(({ id }) => !taken.has(id)),
      names[by],
    );
    for (const [name, a] of left) {
      const b = right.get(name);
      if (!b || a.kind !== b.kind) continue;
      found.set(a.id, { by, b });
      taken.add(b.id);
    }
  }
  const pairs = first.map((a): Pair => {
    const match = found.get(a.id);
    return match ? { by: match.by, a, b: match.b } : { by: null, a, b: null };
  });
  const rest = second.filter(({ id }) => !taken.has(id)).map((b): Pair => ({ by: null, a: null, b }));
  return [...pairs, ...rest];
};
