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
});
