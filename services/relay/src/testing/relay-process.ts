import { type EventOutlet, openKafkaOutlet } from '@partitura/shared/event-bus';
import { connectEventStoreDb, type EventStore } from '@partitura/shared/event-store';
import { noMetrics, silentLogger, systemClock } from '@partitura/shared/runtime';
import { relayService } from '../service.ts';

/** A relay in a process of its own, that kills itself at a named point when it has handed on so many pages. */
const [, , storeUrl = '', busUrl = '', point = 'never', pages = '0'] = process.argv;

const ports = { clock: systemClock, logger: silentLogger };
let handedOn = 0;

const dieAt = (name: string): void => {
  if (name === point && handedOn >= Number(pages)) process.kill(process.pid, 'SIGKILL');
};

const mortalStore = (store: EventStore): EventStore => ({
  ...store,
  subscribe: async function* (options) {
    for await (const page of store.subscribe(options)) {
      dieAt('read');
      yield page;
    }
  },
});

const mortalOutlet = (outlet: EventOutlet): EventOutlet => ({
  ...outlet,
  lead: (work, signal) =>
    outlet.lead(async (turn) => {
      process.stdout.write('active\n');
      await work({
        ...turn,
        publish: async (events, onTrouble) => {
          if (point === 'publishing' && handedOn >= Number(pages))
            setImmediate(() => process.kill(process.pid, 'SIGKILL'));
          await turn.publish(events, onTrouble);
          handedOn += 1;
          process.stdout.write(`published ${events.length}\n`);
          dieAt('published');
        },
        moveTo: (position) => {
          turn.moveTo(position);
          dieAt('checkpoint');
        },
      });
      process.stdout.write('standby\n');
    }, signal),
});

const store = await connectEventStoreDb({ url: storeUrl, ...ports });
const outlet = await openKafkaOutlet({ url: busUrl, ...ports, times: { sessionMs: 1_000 } });
const { components } = relayService({
  ...ports,
  store: mortalStore(store),
  outlet: mortalOutlet(outlet),
  metrics: noMetrics,
});
for (const component of components) await component.start();
process.stdout.write('ready\n');
