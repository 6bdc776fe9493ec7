import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/clock.ts';
import type { EventStore } from '../port.ts';
import { firstRegistry, note, streamOf, wholeLog } from '../testing/made-up-events.ts';
import { connectEventStoreDb } from './connect.ts';
import { makeCertificate } from './testing/certificate.ts';
import { type EventStoreDbServer, startEventStoreDbServer } from './testing/index.ts';

// Not among the ordinary tests: the certificates are made with the system's openssl, which not every machine has.
describe('connecting to EventStoreDB (gRPC test server written to the protocol)', () => {
  const leaving: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const leave of leaving.splice(0).toReversed()) await leave();
  });

  const start = async (
    options?: Parameters<typeof startEventStoreDbServer>[0],
  ): Promise<EventStoreDbServer> => {
    const server = await startEventStoreDbServer(options);
    leaving.push(server.stop);
    return server;
  };
  const connect = async (url: string, patienceMs = 300): Promise<EventStore> => {
    const store = await connectEventStoreDb({ url, clock: systemClock, registry: firstRegistry, patienceMs });
    leaving.push(store.close);
    return store;
  };

  it.each([
    'http://localhost:2113',
    'localhost:2113',
    'esdb://',
    'esdb://user:secret@localhost:port',
    'esdb://user:secret@localhost:2113?tls=perhaps',
  ])('refuses the URL %s without repeating its password', async (url) => {
    const refusal = await connect(url).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'EVENT_STORE_URL_INVALID',
      advice: expect.stringContaining('esdb://user:password@host:2113'),
      message: expect.not.stringContaining('secret'),
    });
  });

  it('finds the one node of a cluster by its gossip', async () => {
    const server = await start();
    const store = await connect(`esdb+discover://${server.address}?tls=false`);
    await store.append(streamOf('run', 1), [note('a')], 'no_stream');
    expect(await wholeLog(store)).toHaveLength(1);
  });

  it('waits for a server that starts later', async () => {
    const server = await start();
    await server.stop();
    const connected = connect(`esdb://${server.address}?tls=false`, 10_000);
    await server.start();
    expect(await wholeLog(await connected)).toEqual([]);
  });

  it.each(['esdb://127.0.0.1:1?tls=false', 'esdb+discover://127.0.0.1:1?tls=false&maxDiscoverAttempts=1'])(
    'says that nobody answers at %s',
    async (url) => {
      await expect(connect(url)).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
        message: expect.stringContaining('EventStoreDB at 127.0.0.1:1'),
        advice: expect.stringContaining('EventStoreDB runs'),
      });
    },
  );

  it.each([['22.10.5.0'], [null]])('refuses a server of version %s', async (version) => {
    const server = await start({ version });
    await expect(connect(`esdb://${server.address}?tls=false`)).rejects.toMatchObject({
      code: 'STORE_VERSION_UNSUPPORTED',
      message: expect.stringContaining('23.10 or newer'),
    });
  });

  it.each(['23.10.1.0', '24.2.0.0', '25.1.0.1234'])('takes a server of version %s', async (version) => {
    const server = await start({ version });
    expect(await wholeLog(await connect(`esdb://${server.address}?tls=false`))).toEqual([]);
  });

  it('speaks TLS, sends its credentials, and says when they are wrong', async () => {
    const made = await makeCertificate();
    leaving.push(made.remove);
    const user = 'partitura';
    const password = 'p@ss:word';
    const server = await start({ secure: { key: made.key, certificate: made.certificate, user, password } });
    const url = (who: string): string =>
      `esdb://${who}${server.address}?tlsCAFile=${encodeURIComponent(made.path)}`;

    const store = await connect(url(`${user}:${encodeURIComponent(password)}@`));
    await store.append(streamOf('run', 1), [note('a')], 'no_stream');
    expect(await wholeLog(store)).toHaveLength(1);

    for (const who of ['', `${user}:wrong@`])
      await expect(connect(url(who))).rejects.toMatchObject({
        code: 'STORE_ACCESS_DENIED',
        message: expect.not.stringContaining('wrong'),
      });
    for (const setting of ['', '?tls=false'])
      await expect(connect(`esdb://${server.address}${setting}`)).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
        advice: expect.stringContaining('tlsCAFile'),
      });
  });
});
