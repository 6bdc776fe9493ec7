import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answersPostgres } from './postgres-answers.ts';
import { freePort, type NativeServer, startProgram } from './program.ts';

export interface PgliteOptions {
  /** Where it keeps its data; the same directory again is the same data again. */
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  readonly outlives?: boolean;
}

const program = fileURLToPath(new URL('./pglite-server.ts', import.meta.url));

/**
 * PostgreSQL 18 with pgvector where the system's PostgreSQL has none (Debian 12): PGlite, the server compiled to WebAssembly, in a
 * process of its own. All clients share one session: no named prepared statements, no session locks, one transaction at a time;
 * whatever password is taken. 690 MB of memory and 4 to 8 s for the first start of a directory, 330 MB and less than a second for later ones.
 */
export const startPglite = async (options: PgliteOptions): Promise<NativeServer> => {
  const { directory, outlives = false } = options;
  await mkdir(directory, { recursive: true });
  const port = options.port ?? (await freePort());
  const running = await startProgram({
    name: 'PGlite',
    command: process.execPath,
    arguments: [
      '--disable-warning=ExperimentalWarning',
      program,
      '--directory',
      join(directory, 'data'),
      '--port',
      String(port),
    ],
    directory,
    outlives,
    timeoutMs: 120_000,
    isReady: () => answersPostgres(port),
  });
  return { ...running, url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` };
};
