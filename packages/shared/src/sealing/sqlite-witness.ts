import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { asPosition } from '../events/index.ts';
import type { Witness, WitnessedEvent } from './witness.ts';

const rowsInPage = 500;

/** What the history keeps of an event: a CloudEvent. */
const remembered = z.object({
  event: z.object({
    id: z.string(),
    subject: z.string(),
    revision: z.int(),
    hash: z.string(),
    position: z.string(),
  }),
});

export const witnessed = (document: unknown): readonly WitnessedEvent[] => {
  const parsed = remembered.safeParse(document);
  if (!parsed.success) return [];
  const { id, subject, revision, hash, position } = parsed.data.event;
  return [
    { id, stream: subject as WitnessedEvent['stream'], revision, hash, position: asPosition(position) },
  ];
};

/** The read model of the history in a SQLite file that nobody has open; null where it is not there, or cannot be read. */
export const sqliteWitness = (database: DatabaseSync): Witness | null => {
  try {
    const active = database
      .prepare(`SELECT version, generation FROM active_builds WHERE name = 'history'`)
      .get();
    if (!active) return null;
    const table = `"history@${Number(active.version)}.${Number(active.generation)}"`;
    const page = database.prepare(
      `SELECT id, document FROM ${table} WHERE id > ? ORDER BY id LIMIT ${rowsInPage}`,
    );
    return pages((after) => page.all(after));
  } catch {
    // Read models are a cache: without them there is one witness less, and the log is not worse for it.
    return null;
  }
};

async function* pages(read: (after: string) => readonly Record<string, unknown>[]): Witness {
  for (let after = ''; ; ) {
    const rows = read(after);
    yield rows.flatMap(({ document }) => witnessed(JSON.parse(String(document))));
    if (rows.length < rowsInPage) return;
    after = String(rows.at(-1)?.id);
  }
}
