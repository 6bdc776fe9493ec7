import { PartituraError } from '@partitura/shared/runtime';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** @throws {PartituraError} `KEYS_REQUIRED` */
export const refuseOpenHost = (host: string): void => {
  if (isLoopback(host)) return;
  throw new PartituraError(
    'KEYS_REQUIRED',
    `The server does not listen on ${host} without API keys: whoever reaches it could run commands here.`,
    { advice: 'Listen on 127.0.0.1, and reach it from elsewhere through an SSH tunnel.' },
  );
};

const known: Readonly<Record<string, readonly [code: string, message: string, advice: string]>> = {
  EADDRINUSE: [
    'PORT_TAKEN',
    'is taken by another program',
    'Stop that one, or name another port with --port or PARTITURA_PORT.',
  ],
  EACCES: ['PORT_NOT_ALLOWED', 'must not be used by this user', 'Name a port above 1023.'],
  EADDRNOTAVAIL: ['HOST_NOT_AVAILABLE', 'is not an address of this machine', 'Name 127.0.0.1.'],
  ENOTFOUND: ['HOST_NOT_AVAILABLE', 'is not a name that can be found', 'Name 127.0.0.1.'],
};

/** Why the server could not listen, with a code where it is known. */
export const listenError = (error: unknown, host: string, port: number): unknown => {
  const code = typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : '';
  const explained = known[code];
  if (!explained) return error;
  const [ours, message, advice] = explained;
  return new PartituraError(ours, `${host}:${port} ${message}.`, { advice, cause: error });
};
