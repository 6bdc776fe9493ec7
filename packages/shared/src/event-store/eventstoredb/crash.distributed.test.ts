import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startEventStoreDb } from '../../../../../infra/native/eventstoredb.ts';
import { portOf, type RestartableServer, restartable } from '../../../../../infra/native/restartable.ts';
import { beginning, type RecordedEvent, verifyChain } from '../../events/index.ts';
import { systemClock } from '../../runtime/clock.ts';
import { recorder } from '../../runtime/testing/index.ts';
import type { AppendResult, EventStore } from '../port.ts';
import {
  firstRegistry,
  idsOf,
  notes,
  streamOf,
  take,
  wholeLog,
  wholeStream,
} from '../testing/made-up-events.ts';
import { connectEventStoreDb, type EventStoreDbOptions } from './connect.ts';
import { freezingProxy } from './testing/freezing-proxy.ts';

/** As long as the client lets them be short; it warns below the 10 s that are its default. */
const quickKeepAlive = '&keepAliveInterval=500&keepAliveTimeout=500';

describe('EventStoreDB killed, stopped and lost (a test server written to its protocol, in a process of its own)', () => {
  let directory: string;
  let server: RestartableServer;
  const opened: EventStore[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'partitura-eventstoredb-'));
    server = await restartable((port) => startEventStoreDb({ directory, ...(port ? { port } : {}) }));
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await server.kill();
    await rm(directory, { recursive: true });
    jest.restoreAllMocks();
  });

  const open = async (url: string, options: Partial<EventStoreDbOptions> = {}): Promise<EventStore> => {
    const store = await connectEventStoreDb({ url, clock: systemClock, registry: firstRegistry, ...options });
    opened.push(store);
    return store;
  };

  const follow = (store: EventStore) => {
    const seen = recorder<RecordedEvent>();
    const end = new AbortController();
    const following = (async () => {
      for await (const { events } of store.subscribe({ after: beginning, signal: end.signal }))
        for (const event of events) seen.add(event);
    })();
    return {
      seen,
      end: async () => {
        end.abort();
        await following;
      },
    };
  };

  /** What it warns of. */
  const warnings = () => {
    const said = recorder<string>();
    const line = () => undefined;
    const warn = (_fields: object, message: string) => said.add(message);
    const logger = { debug: line, info: line, warn, error: line, child: () => logger };
    return { said, logger };
  };

  it('keeps what it acknowledged, where it was, over kill -9 in the middle of appends', async () => {
    const [writer, reader] = [await open(server.url), await open(server.url)];
    const following = follow(reader);
    const acknowledged = new Map<string, AppendResult>();
    let count = 0;
    let writing = true;
    const append = async (lane: number): Promise<void> => {
      while (writing) {
        count += 1;
        const id = `e${count}-`;
        acknowledged.set(`${id}1`, await writer.append(streamOf('run', lane), notes(id, 2), 'any'));
      }
    };
    const lanes = Array.from({ length: 8 }, (_, lane) => append(lane));
    for (let round = 1; round <= 3; round += 1) {
      const before = acknowledged.size;
      await following.seen.reached(2 * (before + 50));
      await server.kill();
      await server.start();
    }
    writing = false;
    await Promise.all(lanes);

    const log = await wholeLog(await open(server.url), { asRecorded: true });
    expect(verifyChain(log)).toMatchObject({ intact: true, events: log.length });
    const byId = new Map(log.map((event) => [event.id, event]));
    expect(byId.size).toBe(log.length);
    for (const [id, { revision, position }] of acknowledged)
      expect(byId.get(id)).toMatchObject({ revision, position });
    expect(log).toHaveLength(2 * acknowledged.size);
    expect(idsOf(await following.seen.reached(log.length))).toEqual(idsOf(log));
    await following.end();
  });

  it('settles an append by reading that was written when the server was killed before it could answer', async () => {
    await server.stop();
    await startEventStoreDb({ directory, port: portOf(server.url), diesInAppend: 3 });
    const store = await open(server.url);
    await store.append(streamOf('run', 1), notes('a', 1), 'no_stream');
    await store.append(streamOf('run', 1), notes('b', 1), 0);
    const third = store.append(streamOf('run', 1), notes('c', 3), 1);
    const fourth = store.append(streamOf('run', 1), notes('d', 1), 4);
    await server.start();
    expect([await third, await fourth]).toMatchObject([
      { revision: 4, alreadyRecorded: true },
      { revision: 5, alreadyRecorded: false },
    ]);
    expect(idsOf(await wholeStream(store, streamOf('run', 1)))).toEqual(['a0', 'b0', 'c0', 'c1', 'c2', 'd0']);
  });

  it('notices by keepalive that the server stands still, and goes on when it comes back', async () => {
    const { said, logger } = warnings();
    const store = await open(`${server.url}${quickKeepAlive}`, { logger, answerWithinMs: 1_000 });
    const following = follow(store);
    await store.append(streamOf('run', 1), notes('a', 2), 'no_stream');
    await following.seen.reached(2);
    server.pause();
    const appended = store.append(streamOf('run', 1), notes('b', 2), 1);
    const read = wholeStream(store, streamOf('run', 1));
    while (!said.items.includes('subscribing to EventStoreDB again'))
      await said.reached(said.items.length + 1);
    server.resume();
    expect(await appended).toMatchObject({ revision: 3 });
    expect(idsOf(await read).slice(0, 2)).toEqual(['a0', 'a1']);
    expect(idsOf(await following.seen.reached(4))).toEqual(['a0', 'a1', 'b0', 'b1']);
    await store.append(streamOf('run', 1), notes('c', 1), 3);
    expect(idsOf(await wholeLog(store))).toEqual(idsOf(await following.seen.reached(5)));
    await following.end();
  });

  it('waits over a stop that is shorter than the keepalive as if nothing had been', async () => {
    const { said, logger } = warnings();
    const store = await open(server.url, { logger });
    const following = follow(store);
    await store.append(streamOf('run', 1), notes('a', 1), 'no_stream');
    await following.seen.reached(1);
    server.pause();
    const appended = store.append(streamOf('run', 1), notes('b', 1), 0);
    await systemClock.sleep(1_000);
    server.resume();
    expect(await appended).toMatchObject({ revision: 1, alreadyRecorded: false });
    expect(idsOf(await following.seen.reached(2))).toEqual(['a0', 'b0']);
    expect(said.items).toEqual([]);
    await following.end();
  });

  it('takes up a subscription again whose connection is open and silent', async () => {
    const proxy = await freezingProxy(portOf(server.url));
    const direct = await open(server.url);
    const store = await open(`esdb://127.0.0.1:${proxy.port}?tls=false${quickKeepAlive}`, {
      answerWithinMs: 1_000,
    });
    const following = follow(store);
    await store.append(streamOf('run', 1), notes('a', 2), 'no_stream');
    await following.seen.reached(2);
    proxy.freeze();
    await direct.append(streamOf('run', 1), notes('b', 2), 1);
    expect(idsOf(await following.seen.reached(4))).toEqual(['a0', 'a1', 'b0', 'b1']);
    expect(await store.append(streamOf('run', 1), notes('c', 1), 3)).toMatchObject({ revision: 4 });
    const again = await take(store.subscribe({ after: beginning, signal: new AbortController().signal }), 5);
    expect(again).toHaveLength(5);
    await following.end();
    await store.close();
    await proxy.close();
  });
});
