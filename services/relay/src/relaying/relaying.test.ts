import { expect, it } from '@jest/globals';
import type { EventOutlet } from '@partitura/shared/event-bus';
import { sampleRecorder } from '@partitura/shared/event-bus/testing';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { beginning } from '@partitura/shared/events';
import { noMetrics, silentLogger, systemClock } from '@partitura/shared/runtime';
import { relaying } from './relaying.ts';

it('says what keeps it from handing on, until another one has the turn', async () => {
  const store = openSqliteEventStore({ path: ':memory:' });
  const turn = new AbortController();
  const isTroubled = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<() => void>();
  const outlet: EventOutlet = {
    lead: async (work, _, onOthersTurn = () => undefined) => {
      lost.resolve(onOthersTurn);
      const publish = async (_events: unknown, onTrouble: (error: unknown) => void): Promise<void> => {
        onTrouble(new Error('The bus is away.'));
        isTroubled.resolve();
        await new Promise((_resolve, reject) => turn.signal.addEventListener('abort', reject));
      };
      await work({ after: beginning, signal: turn.signal, publish, moveTo: () => undefined });
    },
    ping: async () => undefined,
    close: async () => undefined,
  };
  const ports = { store, outlet, clock: systemClock, logger: silentLogger, metrics: noMetrics };
  const { component, health } = relaying(ports);
  await component.start();
  await sampleRecorder(store).queued('r_1', 'one');
  await isTroubled.promise;
  expect(await health.check()).toContain('The bus is away.');
  turn.abort();
  (await lost.promise)();
  expect(await health.check()).toBeNull();
  await component.stop(1_000);
  await store.close();
});
