import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { recorder } from '../../runtime/testing/index.ts';
import { openBullmqJobQueue } from '../index.ts';
import { asQueueError } from './errors.ts';
import { jobKey } from './job-key.ts';
import { checkRedis } from './redis-connection.ts';
import { redisAddress } from './redis-url.ts';

const information = (version: string, policy: string) =>
  `# Server\r\nredis_version:${version}\r\n# Memory\r\nmaxmemory_policy:${policy}\r\n`;

describe('the Redis behind a queue', () => {
  it.each(['6.2.0', '7.0.15', '8.4.1', '10.0.0'])('may be version %s', (version) => {
    expect(() => checkRedis('here:6379', information(version, 'noeviction'))).not.toThrow();
  });

  it.each(['5.0.14', '6.0.20', '6.1.9', 'new'])('may not be version %s', (version) => {
    expect(() => checkRedis('here:6379', information(version, 'noeviction'))).toThrow(
      expect.objectContaining({
        code: 'QUEUE_VERSION_UNSUPPORTED',
        message: `Redis at here:6379 is version ${version}; the job queue needs 6.2 or newer.`,
        advice: expect.any(String),
      }),
    );
  });

  it('must say that it evicts nothing', () => {
    for (const text of [information('7.0.0', 'allkeys-lru'), 'redis_version:7.0.0'])
      expect(() => checkRedis('here:6379', text)).toThrow(expect.objectContaining({ code: 'QUEUE_EVICTS' }));
  });

  it('is waited for, with one line, and not for ever', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    server.close();
    await once(server, 'close');
    const lines = recorder<string>();
    const line = (_fields: object, message: string) => lines.add(message);
    const logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
    await expect(
      openBullmqJobQueue({
        url: `redis://user:hidden@127.0.0.1:${port}`,
        clock: systemClock,
        logger,
        startTimeoutMs: 300,
      }),
    ).rejects.toMatchObject({
      code: 'QUEUE_UNREACHABLE',
      message: expect.stringContaining(`Redis at 127.0.0.1:${port} does not answer: connect ECONNREFUSED`),
      advice: expect.stringContaining('PARTITURA_QUEUE_URL'),
    });
    expect(lines.items).toEqual([`waiting for Redis at 127.0.0.1:${port}`]);
  });

  it.each([
    ['redis', 'not a URL'],
    ['http://here', 'scheme is http:'],
    ['redis:///0', 'names no host'],
    ['redis://user:hidden@here/first', 'the database is a number, not "first"'],
  ])('is not found at %s', (url, why) => {
    expect(() => redisAddress(url)).toThrow(
      expect.objectContaining({ code: 'QUEUE_URL_INVALID', message: expect.stringContaining(why) }),
    );
    expect(() => redisAddress(url)).not.toThrow('hidden');
  });

  it.each([
    ['NOPERM this user has no permissions', 'QUEUE_CREDENTIALS_REFUSED'],
    ['OOM command not allowed', 'QUEUE_OUT_OF_MEMORY'],
    ["READONLY You can't write against a read only replica.", 'QUEUE_READ_ONLY'],
    ['Reached the max retries per request limit (which is 20).', 'QUEUE_UNREACHABLE'],
    ['Command timed out', 'QUEUE_UNREACHABLE'],
    ['ERR DB index is out of range', 'QUEUE_URL_INVALID'],
    ['something else', 'QUEUE_FAILED'],
  ])('that says "%s" is told as %s', (message, code) => {
    expect(asQueueError('here:6379', new Error(message))).toMatchObject({ code });
  });
});

describe('a job’s key', () => {
  it('is no whole number, has no colon, and is another for each id', () => {
    const ids = ['1', '01', 'a:b', 'a%3Ab', 'wait', 'ä', 'a b', 'a/b'];
    const keys = ids.map(jobKey);
    expect(new Set(keys).size).toBe(ids.length);
    for (const key of keys) expect(key).toMatch(/^job\.[^:]+$/);
  });
});

describe('the embedded profile', () => {
  it('does not load the clients of Redis and S3 with the ports', async () => {
    const address = (module: string) => JSON.stringify(new URL(module, import.meta.url).href);
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      await import(${address('../index.ts')});
      await import(${address('../../blobs/index.ts')});
      console.log(JSON.stringify(loaded.filter((url) => /node_modules\\/(bullmq|ioredis|@aws-sdk|@smithy)\\//.test(url))));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
