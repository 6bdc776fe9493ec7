import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort, type NativeServer, startProgram, takesConnections } from './program.ts';

export interface RedisServerOptions {
  /** Where it keeps its append-only file; the same directory again is the same data again. */
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  readonly password?: string;
  /** Encrypted: PEM files of the server's certificate and key. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Default `noeviction`; another one is what the job queue refuses. */
  readonly maxmemoryPolicy?: string;
  readonly outlives?: boolean;
}

/** `redis-server` of the system (Debian: `apt-get install redis-server`), with an append-only file. */
export const startRedis = async (options: RedisServerOptions): Promise<NativeServer> => {
  const { directory, password, tls, maxmemoryPolicy = 'noeviction', outlives = false } = options;
  await mkdir(directory, { recursive: true });
  const port = options.port ?? (await freePort());
  // Not an argument: those are for every user of the machine to see.
  const settings = join(directory, 'redis.conf');
  await writeFile(settings, password === undefined ? '' : `requirepass "${quoted(password)}"\n`, {
    mode: 0o600,
  });
  const running = await startProgram({
    name: 'Redis',
    command: 'redis-server',
    directory,
    outlives,
    arguments: [
      settings,
      ...['--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no'],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
      ...['--maxmemory-policy', maxmemoryPolicy],
      ...(tls === undefined ? ['--port', String(port)] : tlsArguments(port, tls)),
    ],
    isReady: () => (tls === undefined ? answersPing(port) : takesConnections(port)),
  });
  const scheme = tls === undefined ? 'redis' : 'rediss';
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return { ...running, url: `${scheme}://${credentials}127.0.0.1:${port}/0` };
};

const quoted = (text: string): string => text.replace(/["\\]/g, '\\$&');

const tlsArguments = (port: number, tls: { certificate: string; key: string }): string[] => [
  ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
  ...['--tls-cert-file', tls.certificate, '--tls-key-file', tls.key],
];

/** It answers PONG, or that it wants a password; not while it loads its data. */
const answersPing = async (port: number): Promise<void> => {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
  socket.end('PING\r\n');
  const answer = await text(socket);
  if (!/^(\+PONG|-NOAUTH)/.test(answer)) throw new Error(`it says ${JSON.stringify(answer)}`);
};
