import { mercurius, type PersistedQueryProvider } from 'mercurius';
import { z } from 'zod';

/** Whoever comes with one that was forgotten sends its text again, which every client of the protocol does by itself. */
export const mostKept = 500;
/** Characters. Together they are a few megabytes at the most, whoever sends what. */
export const longestKept = 10_000;

/** `extensions` of a request that names a query by its hash, as clients of Apollo do. */
export const persistedQuery = z.object({
  persistedQuery: z.strictObject({
    version: z.int(),
    /** SHA-256 of the text, in hex. */
    sha256Hash: z.string().regex(/^[0-9a-f]{64}$/, 'has to be a SHA-256 in hex'),
  }),
});

/**
 * Automatic persisted queries: a query that came with its hash is asked for by the hash alone from then on. Only the text is kept: who
 * asks, with which variables, and how much that costs is looked at each time.
 */
export const persistedQueries = (): PersistedQueryProvider => {
  const kept = mercurius.persistedQueryDefaults.automatic(mostKept);
  return {
    ...kept,
    saveQuery: async (hash, query) => {
      if (query.length <= longestKept) await kept.saveQuery?.(hash, query);
    },
  };
};
