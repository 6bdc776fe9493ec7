import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import { z } from 'zod';
import { requestAnswersOnly } from './testing/answers-only.ts';
import { diary } from './testing/diary.ts';
import { type PlannedModel, plannedPrd, startPlannedModel } from './testing/planned-model.ts';
import { type Named, type Spent, spentBy } from './testing/processor-time.ts';
import type { Swarm } from './testing/swarm.ts';
import { eventsOf } from './testing/whole-run.ts';
import { startWorld, type World } from './testing/world.ts';

/** `PARTITURA_TEST_TASKS=400` makes the figures steadier. */
const tasks = Number(process.env.PARTITURA_TEST_TASKS ?? 40);
const quietTasks = 24;
const latencyMs = 200;
/** So few that one runner waits for its models, not for the processor. */
const concurrency = 1;

let model: PlannedModel;
let world: World;
let swarm: Swarm;

beforeAll(async () => {
  model = await startPlannedModel(latencyMs);
  world = await startWorld();
  const environment = { ...model.environment, PARTITURA_RUNNER_CONCURRENCY: String(concurrency) };
  swarm = await world.startSwarm({ replicas: { 'agent-runner': 4 }, environment });
}, 300_000);
afterAll(async () => {
  await world?.close();
  await model?.close();
});

/** For a run, on a machine that is busy with much else. */
const patienceMs = 180_000;

const ends = ['run.completed', 'run.failed', 'run.stopped', 'run.paused'];

/** A run whose agents only answer, from its request to its end. */
const conducted = async (size: number, maxAgents: number): Promise<readonly RecordedEvent[]> => {
  model.tasks = size;
  const after = await world.store.head();
  const asked = { prd: plannedPrd, model: model.environment.PARTITURA_MODEL ?? '', maxAgents };
  const runId = await requestAnswersOnly(world.store, world.blobs, asked);
  const signal = AbortSignal.timeout(patienceMs);
  for await (const { events } of world.store.subscribe({ after, filter: { types: ends }, signal })) {
    const end = events.find(({ stream }) => stream.includes(runId));
    if (!end) continue;
    expect(end.type).toBe('run.completed');
    return eventsOf(await world.log(), runId);
  }
  throw new Error(`${runId} did not end: ${await whatHappened(runId)}`);
};

/** What its log says, and the end of what each process said. */
const whatHappened = async (runId: string): Promise<string> => {
  const types = Object.entries(Object.groupBy(eventsOf(await world.log(), runId), ({ type }) => type)).map(
    ([type, events = []]) => `${type} ${events.length}, the last at ${events.at(-1)?.time}`,
  );
  return [...types, diary().tell(swarm.processes.map(({ logFile }) => logFile))].join('\n');
};

const attempt = z.object({ attemptId: z.string() });
const millisecondsOf = ({ time }: RecordedEvent): number => Date.parse(time);

/** From the decision that an attempt is to be made to a runner that has it. */
const dispatchTimes = (events: readonly RecordedEvent[]): readonly number[] => {
  const spawned = new Map(
    events
      .filter(({ type }) => type === 'agent.spawned')
      .map((event) => [String(event.stream), millisecondsOf(event)]),
  );
  return events
    .filter(({ type }) => type === 'task.scheduled')
    .map((event) => {
      const stream = `agent-${attempt.parse(event.data).attemptId}`;
      return (spawned.get(stream) ?? Number.NaN) - millisecondsOf(event);
    });
};

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((left, right) => left - right)[Math.ceil(values.length * part) - 1] ?? Number.NaN;

const distribution = (values: readonly number[]): string =>
  `median ${quantile(values, 0.5)} ms, p95 ${quantile(values, 0.95)} ms, ${values.length} attempts`;

const processes = (): readonly Named[] => [
  ...swarm.processes.map(({ service, processId }) => ({ name: service, processId })),
  ...Object.entries(world.stack.servers).map(([name, { processId }]) => ({ name, processId })),
  { name: 'this test and its provider', processId: process.pid },
];

const withTask = z.object({ taskId: z.string() });
const taskOf = ({ data }: RecordedEvent): string => withTask.parse(data).taskId;

/** Not the review, which comes when all is done and waits for nobody beside it. */
const isPlanned = (event: RecordedEvent): boolean => /\.T\d+$/.test(taskOf(event));

const seconds = ({ name, seconds: spent }: Spent): string => `${name} ${spent.toFixed(1)}`;

describe('runners on Kafka, Redis, FerretDB (MongoDB’s protocol), PGlite (PostgreSQL), Versity (S3) and a server of EventStoreDB’s protocol', () => {
  const only = async (count: number): Promise<void> => {
    for (const [index, runner] of swarm.of('agent-runner').entries()) {
      if (index < count) await runner.start();
      else await runner.stop('SIGTERM');
    }
  };

  it(
    'take up one attempt after the other',
    async () => {
      await only(1);
      const events = await conducted(quietTasks, 1);
      const times = dispatchTimes(events);
      // The planned ones, and the review of the whole.
      expect(times).toHaveLength(quietTasks + 1);
      expect(times.every((time) => Number.isFinite(time))).toBe(true);
      console.log(
        `from task.scheduled to agent.spawned, one agent at a time: ${distribution(times)}; load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`,
      );
    },
    patienceMs + 60_000,
  );

  it(
    'do more, the more of them there are',
    async () => {
      const lines: string[] = [];
      let ofOne = 0;
      for (const count of [1, 2, 4]) {
        await only(count);
        let events: readonly RecordedEvent[] = [];
        const spent = await spentBy(processes(), async () => {
          events = await conducted(tasks, count * concurrency * 2);
        });
        const completed = events.filter((event) => event.type === 'task.completed' && isPlanned(event));
        expect(new Set(completed.map(taskOf)).size).toBe(tasks);
        expect(completed).toHaveLength(tasks);
        const first = events.find(({ type }) => type === 'task.scheduled');
        const last = completed.at(-1);
        if (!first || !last) throw new Error('Nothing was scheduled.');
        const tookSeconds = (millisecondsOf(last) - millisecondsOf(first)) / 1_000;
        const rate = tasks / tookSeconds;
        ofOne ||= rate;
        const cpu = spent.reduce((sum, one) => sum + one.seconds, 0);
        lines.push(
          `${count} runners  ${rate.toFixed(1).padStart(6)} tasks/s  ${(rate / ofOne).toFixed(2)}×  in ${tookSeconds.toFixed(1)} s; processor ${cpu.toFixed(1)} s (${((cpu / tookSeconds / availableParallelism()) * 100).toFixed(0)} % of ${availableParallelism()}): ${spent.slice(0, 6).map(seconds).join(', ')}; load ${loadavg()[0]?.toFixed(1)}`,
        );
      }
      console.log(
        [
          `${tasks} tasks, ${latencyMs} ms an answer, attempts at once in a runner: ${concurrency}`,
          ...lines,
        ].join('\n'),
      );
    },
    3 * patienceMs + 60_000,
  );
});
