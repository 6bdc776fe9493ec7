import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type NativeServer, startProgram } from './program.ts';

export interface PostgresOptions {
  /** Where it keeps its data; the same directory again is the same data again. Given to the user `postgres` when run by root. */
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Of the superuser `postgres`; fixed when the directory is first used. Default `postgres`. */
  readonly password?: string;
  /** Like `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly outlives?: boolean;
}

const installations = '/usr/lib/postgresql';
const execute = promisify(execFile);

/** The system's PostgreSQL (Debian: `apt-get install postgresql`), on loopback, with passwords. It refuses root: then it runs as `postgres`. */
export const startPostgres = async (options: PostgresOptions): Promise<NativeServer> => {
  const { directory, password = 'postgres', settings = {}, outlives = false } = options;
  const programs = await newestPrograms();
  const data = join(directory, 'data');
  const user = await serverUser();
  await mkdir(directory, { recursive: true });
  if (user !== null) await chown(directory, user.id, user.group);
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise({ programs, directory, data, password, user });
  const port = options.port ?? (await freePort());
  const [command, ...words] = asUser(user, !outlives, [
    join(programs, 'postgres'),
    ...['-D', data, '-p', String(port)],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const running = await startWhenFree(() =>
    startProgram({
      name: 'PostgreSQL',
      command,
      arguments: words,
      directory,
      outlives,
      isReady: async () => {
        await execute(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]);
      },
    }),
  );
  return {
    ...running,
    // SIGTERM would wait for the clients to leave.
    stop: (signal = 'SIGINT') => running.stop(signal),
    url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
  };
};

const newestPrograms = async (): Promise<string> => {
  const versions = existsSync(installations) ? await readdir(installations) : [];
  const newest = versions.sort((left, right) => Number(left) - Number(right)).at(-1);
  if (newest === undefined)
    throw new Error(`there is no PostgreSQL in ${installations} (Debian: apt-get install postgresql)`);
  return join(installations, newest, 'bin');
};

interface User {
  readonly id: number;
  readonly group: number;
}

/** Null: the one we are. */
const serverUser = async (): Promise<User | null> => {
  if (process.getuid?.() !== 0) return null;
  const [id, group] = await Promise.all(
    ['-u', '-g'].map(async (what) => Number((await execute('id', [what, 'postgres'])).stdout)),
  );
  if (!id || !group) throw new Error('PostgreSQL does not run as root, and there is no user postgres');
  return { id, group };
};

/** The end of the parent is asked about anew: a change of the user makes the kernel forget it. */
const asUser = (
  user: User | null,
  endsWithUs: boolean,
  words: [string, ...string[]],
): [string, ...string[]] =>
  user === null
    ? words
    : [
        '/usr/bin/setpriv',
        ...['--reuid', String(user.id), '--regid', String(user.group), '--clear-groups'],
        ...(endsWithUs ? ['--pdeathsig', 'KILL'] : []),
        '--',
        ...words,
      ];

interface Initialisation {
  readonly programs: string;
  readonly directory: string;
  readonly data: string;
  readonly password: string;
  readonly user: User | null;
}

const initialise = async ({ programs, directory, data, password, user }: Initialisation): Promise<void> => {
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null) await chown(passwordFile, user.id, user.group);
  const [command, ...words] = asUser(user, false, [
    join(programs, 'initdb'),
    ...['-D', data, '-U', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'],
  ]);
  await execute(command, words, { cwd: directory });
};

/** After a kill its children take a moment to notice; until then the new one is refused. */
const startWhenFree = async <Running>(start: () => Promise<Running>, tries = 20): Promise<Running> => {
  try {
    return await start();
  } catch (error) {
    if (tries === 0 || !/pre-existing shared memory|lock file/.test(String(error))) throw error;
    return startWhenFree(start, tries - 1);
  }
};
