import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { memoryOf, recordedProcess } from '../process-identity.ts';
import { processFile, takesConnections } from '../program.ts';
import { portOf } from '../restartable.ts';
import { engineNames, engines } from './engines.ts';
import { startStack } from './start-stack.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const quiet = '--disable-warning=ExperimentalWarning';

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const call = async (...words: readonly string[]): Promise<Answer> => {
  const child = spawn(process.execPath, [quiet, program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, ...said };
};

/** What works in the directory; not by its command, which some programs change. */
const processesOf = async (directory: string): Promise<readonly number[]> => {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const works = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (`${works}/`.startsWith(`${directory}/`)) found.push(Number(name));
  }
  return found;
};

const whole = 120_000;

describe('the stack without containers (on the real engines and their stand-ins)', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-stack-'));
  });
  afterEach(async () => {
    for (const name of await readdir(directory)) await call('down', '--directory', join(directory, name));
    expect(await processesOf(directory)).toEqual([]);
    await rm(directory, { recursive: true });
  });

  const small = (at: string) => [
    '--any-port',
    '--only',
    'redis,eventStore',
    '--directory',
    join(directory, at),
  ];
  const processOf = (at: string, engine: string) =>
    recordedProcess(join(directory, at, engine, processFile))?.processId;

  it(
    'starts every engine, brings each back after a kill at the same URL, and stops them all, also one that is paused',
    async () => {
      const stack = await startStack({ directory: join(directory, 'all') });
      expect(Object.keys(stack.environment).toSorted()).toEqual(
        engineNames.map((name) => engines[name].variable).toSorted(),
      );
      const ask = async <Result>(what: (redis: Redis) => Promise<Result>): Promise<Result> => {
        const redis = new Redis(stack.urls.redis);
        return await what(redis).finally(() => redis.disconnect());
      };
      await ask((redis) => redis.set('kept', 'yes'));
      for (const name of engineNames) {
        const server = stack.servers[name];
        const { processId, url } = server;
        await server.kill();
        expect(server.isRunning()).toBe(false);
        await expect(takesConnections(portOf(url))).rejects.toThrow();
        await server.start();
        await takesConnections(portOf(url));
        expect(server.url).toBe(url);
        expect(server.processId).not.toBe(processId);
      }
      expect(await ask((redis) => redis.get('kept'))).toBe('yes');
      stack.servers.kafka.pause();
      await stack.stop();
      expect(await processesOf(directory)).toEqual([]);
    },
    whole,
  );

  it(
    'starts what is missing and keeps what runs; two stacks stand side by side',
    async () => {
      expect(await call('up', ...small('one'))).toMatchObject({ code: 0, stderr: '' });
      expect(await call('up', ...small('two'))).toMatchObject({ code: 0 });
      const [redis, other, eventStore] = [
        processOf('one', 'redis') ?? 0,
        processOf('two', 'redis'),
        processOf('one', 'eventStore'),
      ];
      process.kill(redis, 'SIGKILL');
      while ((await processesOf(join(directory, 'one', 'redis'))).length > 0) await sleep(5);
      const stopped = await call('status', '--directory', join(directory, 'one'));
      expect(stopped).toMatchObject({ code: 1, stdout: expect.stringMatching(/Redis +does not run/) });

      const again = await call('up', ...small('one'));
      expect(again.stdout).toMatch(/Redis +started/);
      expect(again.stdout).toMatch(/EventStoreDB +runs already.*not EventStoreDB/);
      expect(processOf('one', 'eventStore')).toBe(eventStore);

      const running = await call('status', '--directory', join(directory, 'one'));
      expect(running).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/EventStoreDB +runs · process \d+ · \d+ MB · esdb:/),
      });
      expect(
        (await call('down', '--directory', join(directory, 'one'))).stdout.match(/stopped/g),
      ).toHaveLength(2);
      expect(await call('down', '--directory', join(directory, 'one'))).toMatchObject({
        code: 0,
        stdout: '',
      });
      expect(await processesOf(join(directory, 'two'))).toContain(other);
      await call('down', '--wipe', '--directory', join(directory, 'two'));
      expect(await readdir(directory)).toEqual(['one']);
    },
    whole,
  );

  it('keeps passwords from others, and gives the same environment after a restart', async () => {
    await call('up', ...small('one'));
    const file = join(directory, 'one', 'environment');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'one', 'stack.json'))).mode & 0o777).toBe(0o600);
    const before = await readFile(file, 'utf8');
    const source = `. "${file}" && printf %s "$PARTITURA_QUEUE_URL"`;
    const { stdout: url } = await promisify(execFile)('/bin/sh', ['-c', source]);
    const redis = new Redis(url);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    const password = decodeURIComponent(new URL(url).password);
    const { stdout: shown } = await call('status', '--directory', join(directory, 'one'));
    expect(shown).not.toContain(password);
    for (const id of await processesOf(directory))
      expect(await readFile(`/proc/${id}/cmdline`, 'utf8')).not.toContain(password);
    await call('down', '--directory', join(directory, 'one'));
    await call('up', ...small('one'));
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('says who has not got its port, starts the rest, and takes another when it may', async () => {
    await call('up', ...small('one'));
    const url =
      (await readFile(join(directory, 'one', 'environment'), 'utf8')).match(/redis:[^']+/)?.[0] ?? '';
    await call('down', '--directory', join(directory, 'one'));
    const intruder = createServer().listen(portOf(url), '127.0.0.1');
    await once(intruder, 'listening');
    try {
      const refused = await call('up', '--only', 'redis,eventStore', '--directory', join(directory, 'one'));
      expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/EventStoreDB +started/) });
      expect(refused.stderr).toContain(`Redis cannot have port ${portOf(url)} of 127.0.0.1: somebody else`);
      expect(await call('up', ...small('one'))).toMatchObject({ code: 0 });
    } finally {
      intruder.close();
    }
  });

  it('never kills a process that got the number of one of its own', async () => {
    await call('up', ...small('one'));
    const bystander = spawn('sleep', ['600']);
    await once(bystander, 'spawn');
    const file = join(directory, 'one', 'redis', processFile);
    const own = await readFile(file, 'utf8');
    await writeFile(file, own.replace(/^\d+/, String(bystander.pid)));
    expect((await call('down', '--directory', join(directory, 'one'))).stdout).not.toContain('Redis');
    expect(memoryOf({ processId: bystander.pid ?? 0, started: '' })).toBeGreaterThan(0);
    expect(bystander.exitCode).toBeNull();
    bystander.kill();
    await writeFile(file, own);
  });

  it(
    'leaves nothing behind that down does not know, whenever up is killed',
    async () => {
      const at = join(directory, 'one');
      for (const lines of [0, 0, 1, 1, 2]) {
        const child = spawn(process.execPath, [quiet, program, 'up', ...small('one')], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let said = '';
        const enough = new Promise<void>((resolve) => {
          child.stdout.on('data', (chunk) => {
            said += chunk;
            if (said.split('\n').length > lines) resolve();
          });
        });
        // Before its first line: when the first process is there.
        const begun = async (): Promise<void> => {
          while ((await processesOf(at)).length === 0) await sleep(5);
        };
        await (lines === 0 ? begun() : enough);
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
        await call('down', '--directory', at);
        expect(await processesOf(at)).toEqual([]);
      }
      expect(await call('up', ...small('one'))).toMatchObject({ code: 0 });
    },
    whole,
  );

  it('wipes no directory that is not a stack’s', async () => {
    const at = join(directory, 'photographs');
    await mkdir(at);
    expect(await call('down', '--wipe', '--directory', at)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not the directory of a stack'),
    });
    expect(await readdir(directory)).toEqual(['photographs']);
    await rm(at, { recursive: true });
  });

  it('lets only one up be at work in a directory', async () => {
    const both = await Promise.all([call('up', ...small('one')), call('up', ...small('one'))]);
    expect(both.map(({ code }) => code)).toContain(0);
    for (const { stderr } of both.filter(({ code }) => code !== 0))
      expect(stderr).toContain('Another up or down');
    expect(await processesOf(join(directory, 'one', 'eventStore'))).toHaveLength(1);
  });
});
