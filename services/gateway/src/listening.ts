import { type Configuration, PartituraError } from '@partitura/shared/runtime';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * The key that every request has to show; null where being on this machine is enough.
 * @throws {PartituraError} `KEYS_REQUIRED`
 */
export const keyAskedFor = ({ host, auth, apiKey }: Configuration): string | null => {
  refuseOpenHost(host, apiKey);
  if (isLoopback(host) && auth === 'auto') return null;
  if (apiKey !== null) return apiKey;
  throw new PartituraError('KEYS_REQUIRED', 'PARTITURA_AUTH asks for keys, and there is none.', {
    advice: 'Set PARTITURA_API_KEY to a long random key.',
  });
};

/** @throws {PartituraError} `KEYS_REQUIRED` */
export const refuseOpenHost = (host: string, apiKey: string | null): void => {
  if (isLoopback(host) || apiKey !== null) return;
  throw new PartituraError(
    'KEYS_REQUIRED',
    `The server does not listen on ${host} without API keys: whoever reaches it could run commands here.`,
    { advice: 'Set PARTITURA_API_KEY to a long random key, or listen on 127.0.0.1.' },
  );
};
