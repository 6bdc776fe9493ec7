import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beginning } from '@partitura/shared/events';
import { type BusContent, openBusContent } from './testing/bus-content.ts';
import { diary, withDiary } from './testing/diary.ts';
import { foldTheLog, servedOf } from './testing/fold-of-the-log.ts';
import { type Load, loadOf, type RunKind } from './testing/load.ts';
import { knownOf, ordersUpToNow, recordedKnowledge } from './testing/orders.ts';
import { type Outage, startsOf, takeAway } from './testing/outages.ts';
import type { ServiceProcess } from './testing/service-process.ts';
import { type SlowModel, startSlowModel } from './testing/slow-model.ts';
import type { Swarm } from './testing/swarm.ts';
import { countOf, flawless, verdictOf } from './testing/verdict.ts';
import { wipes } from './testing/wipes.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
let model: SlowModel;
let swarm: Swarm;
let load: Load;
let bus: BusContent;
const kept = diary();
const note = kept.write;
const telling = (timeoutMs: number, work: () => Promise<void>): Promise<void> =>
  withDiary({ diary: kept, logFiles: () => swarm.processes.map(({ logFile }) => logFile), timeoutMs }, work);

beforeAll(async () => {
  world = await startWorld();
  model = await startSlowModel(300);
  swarm = await world.startSwarm({
    replicas: { relay: 2, 'agent-runner': 2 },
    environment: model.environment,
  });
  load = loadOf(world, swarm);
  bus = await openBusContent(world.stack.urls.kafka);
}, 300_000);
afterAll(async () => {
  console.log(kept.tell([]));
  await bus?.close();
  await world?.close();
  await model?.close();
}, 60_000);

/** Of all runs that have begun since: nothing lost, nothing done twice, and read models as the log says. */
const expectFlawless = async (since: number): Promise<void> => {
  const runs = load.runs.slice(since);
  for (const runId of runs) await load.untilEnd(runId);
  note('all runs have ended');
  const log = await world.log();
  const folded = await foldTheLog(world.store, world.blobs);
  for (const runId of runs) {
    expect({ runId, ...verdictOf(log, runId) }).toEqual({ runId, ...flawless });
    const served = await servedOf(swarm.client(), runId, await world.store.head());
    expect(served).toEqual(await folded.run(runId));
  }
  await folded.close();
  note(`asked ${model.requests.length}, answered ${countOf(log, 'model.answered')}`);
};

const outages: readonly (Outage & { readonly kind: RunKind; readonly at: RegExp })[] = [
  { engine: 'kafka', how: 'killed', kind: 'files', at: /^task\.started$/ },
  { engine: 'redis', how: 'killed', kind: 'answers', at: /^plan\.started$/ },
  { engine: 'mongodb', how: 'killed', kind: 'answers', at: /^task\.started$/ },
  { engine: 'postgres', how: 'killed', kind: 'answers', at: /^agent\.spawned$/ },
  { engine: 'eventStore', how: 'killed', kind: 'answers', at: /^model\.requested$/ },
  { engine: 's3', how: 'killed', kind: 'answers', at: /^task\.started$/ },
  { engine: 'eventStore', how: 'stopped', kind: 'answers', at: /^task\.started$/ },
];

/** A quiet machine takes two minutes for the longest; these are for one that is busy with much else. */
const minutes = 60_000;
const many =
  'ten processes on Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol';

describe(many, () => {
  it(
    'lose nothing and do nothing twice while one engine after the other is away',
    () =>
      telling(9.5 * minutes, async () => {
        const starts = await startsOf(swarm);
        const before = load.runs.length;
        for (const { kind, at, ...outage } of outages) {
          const runId = await load.begin(kind);
          await load.untilRecorded(runId, at, beginning);
          note(`${outage.engine} is ${outage.how} during ${runId} (${kind})`);
          await takeAway(world.stack, swarm, outage);
          note(`${outage.engine} is back, and everybody is well`);
        }
        await expectFlawless(before);
        // Nobody died of it, and what was paid for is in the log.
        expect(await startsOf(swarm)).toEqual(starts);
        expect(model.requests.length).toBe(countOf(await world.log(), 'model.answered'));
      }),
    10 * minutes,
  );

  it(
    'get back what engines have lost while they worked',
    () =>
      telling(9.5 * minutes, async () => {
        const starts = await startsOf(swarm);
        const before = load.runs.length;
        for (const [what, wipe] of Object.entries(wipes)) {
          const runId = await load.begin('answers');
          await load.untilRecorded(runId, /^task\.started$/, beginning);
          note(`${what} during ${runId}`);
          await wipe(world);
        }
        await expectFlawless(before);
        expect(await knownOf(swarm.client())).toEqual(await recordedKnowledge(world));
        await bus.untilHandled();
        const { onBus, inLog } = await ordersUpToNow(bus, world);
        expect(onBus).toEqual(inLog);
        expect(await startsOf(swarm)).toEqual(starts);
      }),
    10 * minutes,
  );

  it(
    'do nothing again when all is delivered again',
    () =>
      telling(5.5 * minutes, async () => {
        await bus.untilHandled();
        const consumers = ['orchestrator', 'knowledge', 'agent-runner'] as const;
        const processes = consumers.flatMap((service) => swarm.of(service));
        const head = await world.store.head();
        await Promise.all(processes.map((one) => one.stop('SIGTERM')));
        await bus.replay();
        note('all groups begin again');
        await Promise.all(processes.map((one) => one.start()));
        await bus.untilHandled();
        note('all is handled again');
        expect(await world.store.head()).toBe(head);

        const before = load.runs.length;
        const runId = await load.begin('answers');
        await load.untilRecorded(runId, /^task\.started$/, beginning);
        const messages = await bus.read();
        await bus.repeat(messages);
        note(`${messages.length} messages are there once more`);
        await expectFlawless(before);
        await bus.untilHandled();
        const end = await world.store.head();
        await bus.repeat(await bus.read());
        await bus.untilHandled();
        expect(await world.store.head()).toBe(end);
      }),
    6 * minutes,
  );

  it(
    'hand everything on, in order, whenever the active relay is killed',
    () =>
      telling(5.5 * minutes, async () => {
        const before = load.runs.length;
        await load.begin('answers');
        for (let round = 1; round <= 3; round += 1) {
          const active = await activeRelay();
          const moment = Math.floor(Math.random() * 1_000);
          // The point is that nobody chose the moment.
          await sleep(moment);
          const killedAt = Date.now();
          await active.kill();
          const next = await activeRelay();
          note(
            `${active.replica} was killed after ${moment} ms; ${next.replica} took over in ${Date.now() - killedAt} ms`,
          );
          expect(next.replica).not.toBe(active.replica);
          await active.start();
        }
        await expectFlawless(before);
        await bus.untilHandled();
        const { onBus, inLog } = await ordersUpToNow(bus, world);
        expect(onBus).toEqual(inLog);
      }),
    6 * minutes,
  );
});

const activeRelay = async (): Promise<ServiceProcess> => {
  for (;;) {
    for (const relay of swarm.of('relay').filter((one) => one.isRunning())) {
      const metrics = await (await fetch(`${relay.url}/metrics`)).text();
      if (/^partitura_relay_active 1$/m.test(metrics)) return relay;
    }
    await sleep(50);
  }
};
