import { QueueError } from './errors.ts';

export interface RedisAddress {
  /** As given: holds the credentials. */
  readonly url: string;
  /** Host and port, for people: no credentials. */
  readonly where: string;
  readonly database: number;
}

/**
 * `redis://[user:password@]host[:6379][/database]`, or `rediss://` for TLS.
 * @throws {QueueError} `QUEUE_URL_INVALID`; the message does not repeat the URL, which may hold a password
 */
export const redisAddress = (url: string): RedisAddress => {
  const parsed = URL.parse(url);
  if (!parsed) throw invalid('it is not a URL');
  const { protocol, hostname, port, pathname } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw invalid(`its scheme is ${protocol}//`);
  if (hostname === '') throw invalid('it names no host');
  const path = pathname.replace(/^\//, '');
  if (!/^\d*$/.test(path)) throw invalid(`the database is a number, not "${path}"`);
  return { url, where: `${hostname}:${port || '6379'}`, database: Number(path) };
};

const invalid = (why: string): QueueError =>
  new QueueError('QUEUE_URL_INVALID', `The URL of the job queue cannot be used: ${why}.`, {
    advice: 'It reads redis://user:password@host:6379/0, or rediss:// for TLS.',
  });
