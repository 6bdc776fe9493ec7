import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/**
 * Opens a SQLite file to read it as it is. Says why it cannot.
 * @param options.inUse somebody writes to it: whoever reads has to see what is committed meanwhile
 */
export const openToLook = (
  path: string,
  { inUse = false }: { readonly inUse?: boolean } = {},
): { readonly database: DatabaseSync } | { readonly failure: string } => {
  try {
    statSync(path);
    // Without a write-ahead log there is nothing that could still be written, and nothing need be made beside the file to read it.
    const name = pathToFileURL(path);
    if (!inUse && !hasContent(`${path}-wal`)) name.searchParams.set('immutable', '1');
    return { database: new DatabaseSync(name, { readOnly: true, timeout: 5_000 }) };
  } catch (error) {
    return { failure: Error.isError(error) ? error.message : String(error) };
  }
};

const hasContent = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
