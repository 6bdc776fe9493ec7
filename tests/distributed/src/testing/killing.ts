import { setTimeout as sleep } from 'node:timers/promises';
import type { Randomness } from '@partitura/shared/runtime';
import type { Diary } from './diary.ts';
import type { EventCount } from './event-count.ts';
import { type ServiceProcess, serviceNames } from './service-process.ts';
import type { Swarm } from './swarm.ts';

export interface Kill {
  readonly victim: ServiceProcess;
  /** In milliseconds of the system's clock. */
  readonly at: number;
}

export interface KillingOptions {
  readonly swarm: Swarm;
  readonly kills: number;
  readonly randomness: Randomness;
  /** Moments are so many events apart. */
  readonly events: EventCount;
  readonly diary: Diary;
  readonly signal: AbortSignal;
}

/** Every service once before one of them comes again, in random order, any replica of it. */
export const victimsOf = (swarm: Swarm, kills: number, randomness: Randomness): readonly ServiceProcess[] => {
  const below = (count: number): number => Math.floor(randomness.next() * count);
  const victims: ServiceProcess[] = [];
  while (victims.length < kills) {
    const services = [...serviceNames];
    while (services.length > 0) {
      const [service] = services.splice(below(services.length), 1);
      const replicas = service ? swarm.of(service) : [];
      const victim = replicas[below(replicas.length)];
      if (victim) victims.push(victim);
    }
  }
  return victims.slice(0, kills);
};

/** Kills one process after the other at random moments; each is started again after a few seconds, before the next is killed. */
export const killInTurn = async (options: KillingOptions): Promise<readonly Kill[]> => {
  const { swarm, kills, randomness, events, diary, signal } = options;
  const done: Kill[] = [];
  for (const victim of victimsOf(swarm, kills, randomness)) {
    const name = `${victim.service}-${victim.replica}`;
    await events.more(1 + Math.floor(randomness.next() * 20), signal);
    await sleep(randomness.next() * 300, undefined, { signal });
    diary.write(`${name} is killed`);
    done.push({ victim, at: Date.now() });
    await victim.kill();
    await sleep(1_000 + randomness.next() * 2_000, undefined, { signal });
    await victim.start();
    diary.write(`${name} is back`);
  }
  return done;
};
