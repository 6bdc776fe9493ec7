import type { DatabaseSync } from 'node:sqlite';
import type { Category, RunId } from '../../events/index.ts';

/** The small numbers that stand for event types and runs in the indexes. Given out within the transaction that uses them first. */
export interface Numbering {
  kind(category: Category, type: string): number;
  run(id: string): number;
  /** Numbers of the kinds that a filter lets pass. Types and categories nobody recorded yet have none. */
  kindsOf(filter: {
    readonly categories?: readonly Category[];
    readonly types?: readonly string[];
  }): readonly number[];
  /** null for a run without events. */
  runNumber(id: RunId): number | null;
  /** What a rolled back transaction gave out is void. */
  forget(): void;
}

interface Kind {
  readonly number: number;
  readonly category: string;
  readonly type: string;
}

export const numbering = (database: DatabaseSync): Numbering => {
  const readKinds = database.prepare('SELECT number, category, type FROM kinds');
  const addKind = database.prepare('INSERT INTO kinds (category, type) VALUES (?, ?)');
  const findRun = database.prepare('SELECT number FROM runs WHERE id = ?');
  const addRun = database.prepare('INSERT INTO runs (id) VALUES (?)');
  let kinds: Map<string, Kind> | null = null;
  let runs = new Map<string, number>();
  /** Runs end and new ones come: past this many it is cheaper to ask again. */
  const mostRuns = 10_000;

  const keyOf = (category: string, type: string): string => `${category} ${type}`;

  const knownKinds = (): Map<string, Kind> => {
    if (kinds) return kinds;
    const rows: readonly unknown[] = readKinds.all();
    kinds = new Map((rows as readonly Kind[]).map((kind) => [keyOf(kind.category, kind.type), kind]));
    return kinds;
  };

  const runNumber = (id: string): number | null => {
    const known = runs.get(id);
    if (known !== undefined) return known;
    const row = findRun.get(id);
    if (!row) return null;
    return remember(id, Number(row.number));
  };

  const remember = (id: string, number: number): number => {
    if (runs.size >= mostRuns) runs = new Map();
    runs.set(id, number);
    return number;
  };

  return {
    kind: (category, type) => {
      const key = keyOf(category, type);
      const known = knownKinds().get(key);
      if (known) return known.number;
      const number = Number(addKind.run(category, type).lastInsertRowid);
      knownKinds().set(key, { number, category, type });
      return number;
    },
    run: (id) => runNumber(id) ?? remember(id, Number(addRun.run(id).lastInsertRowid)),
    kindsOf: ({ categories, types }) =>
      [...knownKinds().values()]
        .filter(
          ({ category, type }) =>
            (categories?.some((wanted) => wanted === category) ?? true) && (types?.includes(type) ?? true),
        )
        .map(({ number }) => number),
    runNumber,
    forget: () => {
      kinds = null;
      runs = new Map();
    },
  };
};
