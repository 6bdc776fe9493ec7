import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import type { ApiClient, CloudEvent } from '@partitura/shared/http';
import { wronglyAsked } from './asked-twice.ts';
import { requestRun } from './conducted-run.ts';
import { type Diary, diary, withDiary } from './diary.ts';
import { eitherGateway } from './either-gateway.ts';
import { type EventCount, eventCount } from './event-count.ts';
import { foldTheLog } from './fold-of-the-log.ts';
import { untilSettled } from './settled-run.ts';
import { startSlowModel } from './slow-model.ts';
import type { Swarm } from './swarm.ts';
import { type EndedRun, expectServedAsFolded, expectWholeLog, expectWholeRun } from './whole-run.ts';
import { startWorld, type World } from './world.ts';

export interface Scene {
  readonly happened: Diary;
  readonly events: EventCount;
  /** Aborts when the test ends, however it does. */
  readonly signal: AbortSignal;
}

export interface Trouble<Met, Done> {
  readonly timeoutMs: number;
  /** Models are slow until it is over. */
  readonly trouble: (scene: Scene) => Promise<Met>;
  /** What goes on meanwhile, for as long as it `lasts`. */
  readonly work: (scene: Scene, lasts: () => boolean) => Promise<Done>;
  readonly verify: (met: Met, done: Done, scene: Scene) => Promise<void>;
}

/** Two processes of every service on real engines, and runs that go on while something happens to the processes. */
export interface TroubledSwarm {
  readonly world: World;
  readonly swarm: Swarm;
  /** Goes to whichever gateway answers, as what stands before them does. */
  readonly client: ApiClient;
  amid<Met, Done>(trouble: Trouble<Met, Done>): Promise<void>;
  /** One run after the other for as long as it is wanted, at least one; all of them complete. */
  runs(
    name: string,
    scene: Scene,
    wanted: () => boolean,
    begun?: (runId: string, position: string) => void,
  ): Promise<readonly EndedRun[]>;
  /**
   * Nothing lost, nothing twice, no recorded answer asked for again, read models as the log says, through each gateway.
   * @param killedAt when somebody who asks models was killed: what was open then may be asked again
   */
  expectWhole(ended: readonly EndedRun[], killedAt: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Of an answer, while processes come and go; then there is nothing more to wait for. */
const slowMs = 500;
const prd = await readFile(new URL('../../../../examples/prds/link-shortener.md', import.meta.url), 'utf8');

export const startTroubledSwarm = async (): Promise<TroubledSwarm> => {
  let latencyMs = 0;
  const model = await startSlowModel(() => latencyMs);
  const world = await startWorld();
  // Less than what `stop` of a process waits before it kills it.
  const environment = { ...model.environment, PARTITURA_DRAIN_SECONDS: '8' };
  const close = async (): Promise<void> => {
    await world.close();
    await model.close();
  };
  const swarm = await world.startSwarm({ replicas: 2, environment }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const clients = [swarm.client(0), swarm.client(1)];
  const client = eitherGateway({ urls: swarm.of('gateway').map(({ url }) => url) });

  const amid = async <Met, Done>({ timeoutMs, trouble, work, verify }: Trouble<Met, Done>): Promise<void> => {
    const over = new AbortController();
    const scene: Scene = { happened: diary(), events: eventCount(), signal: over.signal };
    const logFiles = () => swarm.processes.map(({ logFile }) => logFile);
    let lasts = true;
    latencyMs = slowMs;
    const troubled = async () => {
      try {
        return await trouble(scene);
      } finally {
        lasts = false;
        latencyMs = 0;
      }
    };
    await withDiary({ diary: scene.happened, logFiles, timeoutMs }, async () => {
      const [whatMet, whatDone] = [troubled(), work(scene, () => lasts)];
      try {
        const [met, done] = await Promise.all([whatMet, whatDone]);
        scene.happened.write('the runs have ended');
        await verify(met, done, scene);
      } finally {
        over.abort();
        // Whoever still starts a process would have it outlive the test.
        await Promise.allSettled([whatMet, whatDone]);
      }
    });
    console.log(scene.happened.tell([]));
  };

  const runs: TroubledSwarm['runs'] = async (name, { events, signal }, wanted, begun = () => {}) => {
    const ended: EndedRun[] = [];
    do {
      const { url, path } = await world.git.create(`${name}-${ended.length + 1}`);
      const requested = await requestRun(client, { prd, repositoryUrl: url, maxAgents: 3 });
      const seen = ({ type, position }: CloudEvent): void => {
        events.add();
        if (type === 'run.started') begun(requested.runId, position);
      };
      const run = await untilSettled(client, requested, seen, signal);
      expect(run).toMatchObject({ status: 'completed' });
      ended.push({ runId: run.id, branch: run.branch ?? 'none', path });
    } while (wanted());
    return ended;
  };

  const expectWhole: TroubledSwarm['expectWhole'] = async (ended, killedAt) => {
    const log = await world.log();
    expectWholeLog(log);
    expect(await wronglyAsked(model, log, world.blobs, killedAt)).toEqual([]);
    const folded = await foldTheLog(world.store, world.blobs);
    for (const run of ended) {
      await expectWholeRun(log, run);
      await expectServedAsFolded(world, folded, clients, run.runId);
    }
    await folded.close();
  };

  return { world, swarm, client, amid, runs, expectWhole, close };
};
