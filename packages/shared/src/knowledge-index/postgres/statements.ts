import { readdirSync, readFileSync } from 'node:fs';
import { KnowledgeError } from './errors.ts';
import { vectorTypeFor } from './server-checks.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
}

export interface Statements {
  /** The schema's name, quoted. */
  readonly schema: string;
  readonly migrations: readonly Migration[];
  readonly createFindings: string;
  readonly write: string;
  readonly get: string;
  readonly list: string;
  readonly search: string;
  readonly searchWithin: string;
  readonly traverse: string;
  readonly clear: string;
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/**
 * The `.sql` files, for one schema and one embedder.
 * @throws {KnowledgeError} `KNOWLEDGE_DIMENSIONS_UNSUPPORTED`, `KNOWLEDGE_URL_INVALID` for a schema that is no plain name
 */
export const statements = (schema: string, dimensions: number): Statements => {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new KnowledgeError(
      'KNOWLEDGE_URL_INVALID',
      `"${schema}" cannot be the schema of the knowledge index.`,
      {
        advice: 'Use small letters, digits and underscores.',
      },
    );
  const places: Readonly<Record<string, string>> = {
    schema: `"${schema}"`,
    vector: vectorTypeFor(dimensions),
    dimensions: String(dimensions),
  };
  // Array literals have braces too.
  const filled = (text: string): string =>
    text.replaceAll(/\{(schema|vector|dimensions)\}/g, (_, name: string) => places[name] ?? '');
  const file = (name: string): string => filled(read(`sql/${name}.sql`));
  return {
    schema: `"${schema}"`,
    migrations: migrationFiles().map(({ text, ...migration }) => ({ ...migration, text: filled(text) })),
    createFindings: file('create-findings'),
    write: file('write'),
    get: file('get'),
    list: file('list'),
    search: file('search'),
    searchWithin: file('search-within'),
    traverse: file('traverse'),
    clear: file('clear'),
  };
};

/** `0001-….sql`, `0002-….sql`, …: in the order of their numbers, each applied once and never changed after it was released. */
const migrationFiles = (): readonly Migration[] =>
  readdirSync(new URL('migrations/', import.meta.url))
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .sort()
    .map((name) => ({
      number: Number(name.slice(0, 4)),
      name: name.slice(0, -'.sql'.length),
      text: read(`migrations/${name}`),
    }));
