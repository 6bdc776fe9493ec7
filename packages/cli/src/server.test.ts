import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ended, newPlace, type Place, type Started, tinyPrd } from './testing/cli.ts';

const data = ['--data', 'data'];
let place: Place;

beforeEach(async () => {
  place = await newPlace();
  await place.write('weather.md', tinyPrd);
});
afterEach(() => place.remove());

const documentOf = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout);

/** What `history --events` wrote. */
const eventsOf = ({ stdout }: Ended) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((text): { type: string; position: string } => JSON.parse(text));

const up = async (): Promise<Started> => {
  const server = place.start(['up', '--port', '0', ...data]);
  await server.said('Partitura is up at');
  await server.said('sandbox');
  return server;
};

describe('partitura up', () => {
  it('serves commands on its data directory, and nobody else gets it', async () => {
    const server = await up();
    const second = await place.run(['up', '--port', '0', ...data]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(
        `error\\[DATA_DIRECTORY_LOCKED].*process ${server.process.pid}, which serves at http://127.0.0.1:\\d+`,
      ),
    );

    const handed = await place.run(['run', 'weather.md', '--detach', '--json', ...data]);
    expect(handed.code).toBe(0);
    const { run, url } = documentOf(handed);
    const watching = place.start(['watch', String(run), ...data]);
    await watching.said(/● T1 /);
    watching.interrupt();
    const watched = await watching.ended;
    expect(watched).toMatchObject({
      code: 130,
      stderr: expect.stringContaining(`the run goes on at ${String(url)}`),
    });

    const following = place.start(['history', String(run), '--follow', '--events', ...data]);
    await following.said('"run.created"');
    const commented = await place.run(['comment', 'T1', 'Mind', 'the', 'umlauts.', ...data]);
    expect(commented.code).toBe(0);
    expect((await place.run(['show', 'T1', ...data])).stdout).toContain('Mind the umlauts.');
    const paused = await place.run(['pause', String(run), '--reason', 'lunch', ...data]);
    expect(paused.stdout).toContain(`${String(run)} pauses`);
    expect(documentOf(await place.run(['ps', '--json', ...data]))).toMatchObject({
      items: [{ status: 'paused', statusDetail: 'lunch' }],
    });
    const cancelled = await place.run(['cancel', String(run), ...data]);
    expect(cancelled.stdout).toContain(`${String(run)} is cancelled`);
    expect((await place.run(['resume', String(run), ...data])).code).toBe(1);

    // Each once, whether it was recorded before or came meanwhile; what agents record on their way out comes later.
    const followed = await following.ended;
    const again = await place.run(['history', String(run), '--follow', '--events', ...data]);
    expect([followed.code, again.code]).toEqual([0, 0]);
    const recorded = eventsOf(again);
    const end = recorded.findIndex(({ type }) => type === 'run.cancelled');
    expect(eventsOf(followed)).toEqual(recorded.slice(0, end + 1));
    expect(new Set(recorded.map(({ position }) => position)).size).toBe(recorded.length);

    server.interrupt();
    expect((await server.ended).code).toBe(0);
  });

  it('says so when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = await place.run(['up', '--port', port, ...data]);
    other.close();
    expect(stderr).toMatch(new RegExp(`error\\[PORT_TAKEN] 127.0.0.1:${port} is taken[\\s\\S]*--port`));
    expect(code).toBe(1);
  });

  it('refuses an address that others reach', async () => {
    const { code, stderr } = await place.run(['up', '--host', '0.0.0.0', '--port', '0', ...data]);
    expect(stderr).toContain('error[KEYS_REQUIRED]');
    expect(code).toBe(4);
  });
});
