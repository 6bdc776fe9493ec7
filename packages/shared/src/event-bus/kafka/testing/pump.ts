import type { EventStore } from '../../../event-store/index.ts';
import { systemClock } from '../../../runtime/index.ts';
import { openKafkaOutlet } from '../../index.ts';

export interface Pump {
  stop(): Promise<void>;
}

/** The smallest relay there can be, for tests of what comes after one. The real one is a service of its own. */
export const startPump = async (url: string, store: EventStore): Promise<Pump> => {
  const outlet = await openKafkaOutlet({ url, clock: systemClock, times: { sessionMs: 1_000 } });
  const stopping = new AbortController();
  const ended = outlet.lead(async ({ after, signal, publish, moveTo }) => {
    for await (const { events, position } of store.subscribe({ after, signal })) {
      await publish(events, () => {});
      moveTo(position);
    }
  }, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
      await outlet.close();
    },
  };
};
