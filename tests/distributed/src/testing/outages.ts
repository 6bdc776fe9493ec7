import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName } from '../../../../infra/native/stack/engines.ts';
import type { Stack } from '../../../../infra/native/stack/start-stack.ts';
import { untilAll } from './health.ts';
import type { ServiceName } from './service-process.ts';
import type { Swarm } from './swarm.ts';

export interface Outage {
  readonly engine: EngineName;
  /** SIGKILL and started again, or SIGSTOP and SIGCONT. */
  readonly how: 'killed' | 'stopped';
}

/** What health calls it, and who stands on it. */
export const dependents: Readonly<
  Record<EngineName, { readonly check: string; readonly services: readonly ServiceName[] }>
> = {
  eventStore: {
    check: 'EventStoreDB',
    services: [
      'relay',
      'projections',
      'knowledge',
      'orchestrator',
      'planner',
      'agent-runner',
      'notifier',
      'gateway',
    ],
  },
  kafka: { check: 'Apache Kafka', services: ['relay', 'knowledge', 'orchestrator', 'agent-runner'] },
  redis: { check: 'Redis', services: ['orchestrator', 'planner', 'agent-runner', 'notifier'] },
  mongodb: { check: 'MongoDB', services: ['projections', 'notifier'] },
  postgres: { check: 'PostgreSQL', services: ['knowledge', 'agent-runner'] },
  s3: {
    check: 'S3',
    services: ['projections', 'knowledge', 'orchestrator', 'planner', 'agent-runner', 'gateway'],
  },
};

const outageMs = 10_000;

/**
 * Takes an engine away for 10 s, and resolves when every process is well again. While it is away all are alive, and who stands on
 * it says so.
 */
export const takeAway = async (stack: Stack, swarm: Swarm, { engine, how }: Outage): Promise<void> => {
  const server = stack.servers[engine];
  const { check, services } = dependents[engine];
  const over = sleep(outageMs);
  if (how === 'killed') await server.kill();
  else server.pause();
  const concerned = services.flatMap((service) => swarm.of(service));
  await untilAll(
    concerned,
    ({ live, ready, complaints }) => live === 200 && ready === 503 && complaints.includes(check),
  );
  await over;
  if (how === 'killed') await server.start();
  else server.resume();
  await untilAll(swarm.processes, ({ live, ready }) => live === 200 && ready === 200);
};

/** How often each process has started since the first time: one that died is not well because it is back. */
export const startsOf = async (swarm: Swarm): Promise<readonly string[]> => {
  const starts = swarm.processes.map(async ({ service, replica, logFile, processId }) => {
    const log = await readFile(logFile, 'utf8');
    return `${service}-${replica} ${processId}: ${log.split('"msg":"listening"').length - 1}`;
  });
  return Promise.all(starts);
};
