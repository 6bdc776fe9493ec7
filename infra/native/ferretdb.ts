import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mend } from './ferretdb-mending.ts';
import { isListening, socketFile } from './ferretdb-socket.ts';
import { freePort, type NativeServer, startProgram, takesConnections } from './program.ts';

export interface FerretDbOptions {
  /** Where it keeps its data; the same directory again is the same data again. */
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Default `partitura`. */
  readonly database?: string;
  /** Who may use it. Default: everybody on this machine. */
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly outlives?: boolean;
}

const moduleName = 'github.com/FerretDB/FerretDB';
const version = 'v1.24.2';
const cache = fileURLToPath(new URL(`../../.cache/native/ferretdb-${version}-mended`, import.meta.url));
const program = join(cache, 'ferretdb');
const server = fileURLToPath(new URL('./ferretdb-server.ts', import.meta.url));

/**
 * FerretDB 1.x with its SQLite backend: a server that speaks MongoDB's wire protocol, given one request at a time by a process of
 * ours (`ferretdb-server.ts`), so that it changes a document in one step, as MongoDB does, looks up what is asked for by ids, and
 * does not run out of connections to SQLite (`ferretdb-mending.ts`). Built once from its Go module (about a minute with two cores),
 * whose content Go checks against its checksum database; later starts use what was built.
 */
export const startFerretDb = async (options: FerretDbOptions): Promise<NativeServer> => {
  const { directory, credentials, database = 'partitura', outlives = false } = options;
  if (!existsSync(program)) await build();
  const data = join(directory, 'data');
  await mkdir(data, { recursive: true });
  const port = options.port ?? (await freePort());
  const running = await startProgram({
    name: 'FerretDB',
    command: process.execPath,
    directory,
    outlives,
    arguments: [
      ...['--disable-warning=ExperimentalWarning', server, '--port', String(port), '--', program],
      ...['--handler=sqlite', `--sqlite-url=file:${data}/`, `--state-dir=${directory}`],
      ...['--listen-addr=', '--debug-addr=-', '--telemetry=disable', '--log-level=error'],
      ...(credentials ? ['--test-enable-new-auth', '--setup-database=admin'] : []),
    ],
    // Not as arguments: those are for every user of the machine to see.
    environment: credentials
      ? { FERRETDB_SETUP_USERNAME: credentials.username, FERRETDB_SETUP_PASSWORD: credentials.password }
      : {},
    timeoutMs: 120_000,
    isReady: () => takesConnections(port),
  });
  const user = credentials ? `${encoded(credentials.username)}:${encoded(credentials.password)}@` : '';
  const source = credentials ? '?authSource=admin' : '';
  const stop = async (signal?: NodeJS.Signals): Promise<void> => {
    await running.stop(signal);
    // Killed, it takes FerretDB with it, which may take a moment longer.
    for (let tries = 0; await isListening(join(directory, socketFile)); tries += 1) {
      if (tries === 1_000) throw new Error('FerretDB did not end with the process that started it.');
      await sleep(10);
    }
  };
  return { ...running, stop, url: `mongodb://${user}127.0.0.1:${port}/${database}${source}` };
};

const encoded = encodeURIComponent;

const run = promisify(execFile);

/**
 * Not with `go install`: the program ends at once when it finds no file with its version among its sources, and the module has
 * none. So the module's content is copied out of Go's cache, which is read-only, and given one, as its documentation says.
 */
const build = async (): Promise<void> => {
  await mkdir(cache, { recursive: true });
  const place = await mkdtemp(join(cache, 'build-'));
  try {
    const { stdout } = await run('go', ['mod', 'download', '-json', `${moduleName}@${version}`], {
      cwd: place,
    });
    const source = join(place, 'source');
    const { Dir: downloaded } = JSON.parse(stdout) as { readonly Dir: string };
    await cp(downloaded, source, { recursive: true });
    await run('chmod', ['-R', 'u+w', source]);
    await writeFile(join(source, 'build/version/version.txt'), `${version}\n`);
    await mend(source);
    const built = join(place, 'ferretdb');
    await run(
      'nice',
      [
        'go',
        'build',
        '-p',
        '2',
        '-trimpath',
        '-tags',
        'ferretdb_no_postgresql',
        '-o',
        built,
        './cmd/ferretdb',
      ],
      { cwd: source, env: { GOMAXPROCS: '2', ...process.env } },
    );
    // Whole or not at all, also when two processes build it at once.
    await rename(built, program);
  } catch (error) {
    throw new Error(`${moduleName} could not be built; it needs Go 1.24 or newer (https://go.dev)`, {
      cause: error,
    });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
};
