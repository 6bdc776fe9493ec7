import { afterEach, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { type EarlyServer, earlyServer } from './early-server.ts';

let early: EarlyServer;
afterEach(() => early.close());

describe('a server that listens before there is anything to serve', () => {
  it('answers for itself until who took over says that it is ready, whatever comes meanwhile', async () => {
    early = await earlyServer('127.0.0.1', 0);
    const loaded = Promise.withResolvers<void>();
    const app = fastify({ serverFactory: early.takeOver });
    // As any plugin: its hooks are there once it is loaded.
    void app.register(async (within) => {
      within.addHook('onRequest', async () => undefined);
      await loaded.promise;
    });
    app.get('/health/ready', async () => ({ status: 'ok' }));
    const ready = app.ready();

    const during = await fetch(`${early.url}/health/ready`);
    expect([during.status, (await fetch(`${early.url}/health/live`)).status]).toEqual([503, 200]);
    expect(await (await fetch(`${early.url}/runs`)).json()).toMatchObject({ code: 'SERVICE_STARTING' });

    loaded.resolve();
    await ready;
    early.open();
    expect(await (await fetch(`${early.url}/health/ready`)).json()).toEqual({ status: 'ok' });
    await app.close();
  });

  it('is closed when the request at work is answered, also on a connection that would be kept', async () => {
    early = await earlyServer('127.0.0.1', 0);
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    const app = fastify({ serverFactory: early.takeOver, keepAliveTimeout: 3_600_000 });
    app.get('/slow', async () => {
      arrived.resolve();
      return answer.promise;
    });
    await app.ready();
    early.open();
    const asked = fetch(`${early.url}/slow`);
    await arrived.promise;
    let isClosed = false;
    const closed = early.close().then(() => {
      isClosed = true;
    });
    await app.close();
    expect(isClosed).toBe(false);
    answer.resolve('done');
    expect(await (await asked).text()).toBe('done');
    await closed;
  });
});
