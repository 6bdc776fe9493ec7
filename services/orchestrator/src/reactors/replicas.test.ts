import { afterEach, describe, expect, it } from '@jest/globals';
import { beginning, type Position, type RecordedEvent, type RunEvent } from '@partitura/shared/events';
import { startRunBody } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { architectPlanSwarm, type Workflow } from '@partitura/shared/workflows';
import fc from 'fast-check';
import { runDecider } from '../runs/decider.ts';
import type { RunState } from '../runs/state.ts';
import { outside } from '../testing/outside.ts';
import { proposal } from '../testing/proposal.ts';
import { openReplicas, projectId, type Replica } from '../testing/replicas.ts';
import { task } from '../testing/scenario.ts';
import { call } from '../testing/world.ts';
import { reactedCategories, reactedTypes } from './reactor.ts';

/** Planning with a yes, tasks, and a review: every kind of stream there is. */
const workflow: Workflow = {
  ...architectPlanSwarm,
  name: 'whole',
  phases: architectPlanSwarm.phases.map((phase) =>
    phase.act.kind === 'plan' ? { ...phase, act: { kind: 'plan', approval: true } } : phase,
  ),
};

const tasks = [
  task('T1'),
  task('T2'),
  task('T3', ['T1']),
  task('T4', ['T1', 'T2']),
  task('T5', ['T3']),
  task('T6'),
  task('T7', ['T4', 'T6']),
];

const reacted: ReadonlySet<string> = new Set(reactedTypes);
const topics = reactedCategories;
type Topic = (typeof topics)[number];

/** Draws from a seed: the same each time. */
const dice = (seed: number) => {
  let state = seed >>> 0;
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
};

/** How events come: one topic a category, each in order, each at its own pace, again, and to others in the middle of it. */
interface Manner {
  readonly replicas: number;
  readonly seed: number;
  readonly chaos: boolean;
}

type World = ReturnType<typeof openReplicas>;
let worlds: World[] = [];
afterEach(async () => {
  for (const { close } of worlds) await close();
  worlds = [];
});

/** What a world's log has: each event is read once. */
const logs = new WeakMap<World, { readonly events: RecordedEvent[]; position: Position }>();

const everything = async (world: World): Promise<readonly RecordedEvent[]> => {
  const log = logs.get(world) ?? { events: [], position: beginning };
  logs.set(world, log);
  for await (const { events, position } of world.store.readAll({ after: log.position })) {
    log.events.push(...events);
    log.position = position;
  }
  return log.events;
};

const delivery = async (world: World, { seed, chaos, replicas }: Manner) => {
  const draw = dice(seed);
  const group = await Promise.all(Array.from({ length: replicas }, world.replica));
  const cursors = new Map<Topic | 'all', number>();
  const owners = new Map<Topic | 'all', Replica>();

  const any = (): Replica => {
    const one = group[draw(group.length)];
    if (!one) throw new RangeError('There is no replica.');
    return one;
  };

  const eventsOf = async (topic: Topic | 'all'): Promise<readonly RecordedEvent[]> =>
    (await everything(world)).filter(
      ({ type, stream }) => reacted.has(type) && (topic === 'all' || stream.startsWith(`${topic}-`)),
    );

  const ownerOf = (topic: Topic | 'all'): Replica => {
    const before = owners.get(topic);
    const owner = before === undefined || (chaos && draw(8) === 0) ? any() : before;
    owners.set(topic, owner);
    return owner;
  };

  /** Who took over begins where the last one had said that he was. */
  const beginAt = (reached: number): number =>
    chaos && draw(6) === 0 ? Math.max(0, reached - draw(6)) : reached;

  /** false when there was nothing new. */
  const deliver = async (topic: Topic | 'all'): Promise<boolean> => {
    const events = await eventsOf(topic);
    const reached = cursors.get(topic) ?? 0;
    if (reached >= events.length) return false;
    const before = owners.get(topic);
    const from = beginAt(reached);
    const batch = events.slice(from, from + (chaos ? 1 + draw(5) : 256));
    // Who was replaced may still be at it.
    const also = chaos && draw(6) === 0 ? before?.deliver(batch) : null;
    await Promise.all([ownerOf(topic).deliver(batch), also]);
    cursors.set(topic, Math.max(reached, from + batch.length));
    return true;
  };

  /** Killed, and another one in its place that knows nothing. */
  const replaceOne = async (): Promise<void> => {
    const at = draw(group.length);
    const old = group[at];
    await old?.stop();
    const fresh = await world.replica();
    group[at] = fresh;
    for (const [topic, owner] of owners) if (owner === old) owners.set(topic, fresh);
  };

  return {
    draw,
    any,
    step: async (): Promise<boolean> => {
      if (!chaos) return deliver('all');
      if (draw(25) === 0) await replaceOne();
      const first = topics[draw(topics.length)] ?? 'run';
      const second = topics[draw(topics.length)] ?? 'run';
      const done = await Promise.all(first === second ? [deliver(first)] : [deliver(first), deliver(second)]);
      return done.some(Boolean);
    },
    isDone: async (): Promise<boolean> => {
      for (const topic of chaos ? topics : (['all'] as const))
        if ((cursors.get(topic) ?? 0) < (await eventsOf(topic)).length) return false;
      return true;
    },
  };
};

/** A run from its start to its end. */
const live = async (manner: Manner) => {
  const world = openReplicas(workflow);
  worlds.push(world);
  const { store, clock, shared, blobs } = world;
  await world.createProject();
  const { draw, any, step, isDone } = await delivery(world, manner);
  const others = outside(store, projectId, clock.now);
  const body = startRunBody.parse({ budget: { usd: 0.5, onExceed: 'stop' } });
  const started = await any().operations.startRun(
    { params: { id: projectId }, query: {}, body },
    call('c_start'),
  );
  const runId = started.id;

  const workOn = async (): Promise<boolean> => {
    const jobs = shared.jobs();
    const [name, job] = jobs[draw(jobs.length)] ?? [];
    if (name === undefined || job === undefined) return false;
    if (await others.isDone(name, job)) await shared.queue.remove(name, job.id);
    else await others.work(name, job, () => proposal(blobs, tasks));
    return true;
  };
  const approve = async (): Promise<void> => {
    const events = await everything(world);
    const asked = events.find(({ type }) => type === 'approval.requested');
    if (!asked || events.some(({ type }) => type === 'approval.granted')) return;
    const { approvalId } = asked.data as { approvalId: string };
    await any().operations.grantApproval(
      { params: { id: approvalId }, query: {}, body: { comment: '' } },
      call('c_yes'),
    );
  };
  const isOver = async (): Promise<boolean> => {
    const events = await everything(world);
    return events.some(({ type }) => type === 'run.completed') && (await isDone());
  };

  for (let steps = 0; !(await isOver()); steps += 1) {
    if (steps > 3_000) throw new Error(`The run of seed ${manner.seed} does not come to its end.`);
    const moved = await step();
    const worked = draw(2) === 0 && (await workOn());
    const merged = draw(3) === 0 && (await others.merge(runId));
    await approve();
    if (!moved && !worked && !merged) await clock.advance(3_000);
  }
  return { world, runId, end: await endOf(world, runId) };
};

const endOf = async (world: World, runId: string) => {
  const events = await everything(world);
  const own = events.filter(({ stream }) => stream === `run-${runId}`);
  const run = own.reduce<RunState>(
    (state, event) =>
      runDecider.evolve(state, event as { type: string; data: unknown } as RunEvent, event.metadata),
    null,
  );
  if (run === null) throw new Error('There is no run.');
  const of = (type: string) => events.filter((event) => event.type === type);
  return {
    status: run.status,
    tasks: [...run.tasks.values()]
      .map(({ definition, status, attempts, failures }) => [
        definition.title,
        status.kind,
        attempts,
        failures,
      ])
      .sort((left, right) => String(left).localeCompare(String(right))),
    spent: run.ledger.spent,
    held: run.ledger.held.size,
    completed: of('task.completed').length,
    project: [...of('project.run_settled'), ...of('project.completed')].map(({ data }) => ({
      ...(data as Record<string, unknown>),
      commit: null,
    })),
    phases: of('project.phase_changed').map(({ data }) => (data as { phase: string }).phase),
    parked: of('processor.event_parked').length,
  };
};

describe('replicas of the orchestrator', () => {
  it('come to the same end, however events come to them', async () => {
    const { end: expected } = await live({ replicas: 1, seed: 1, chaos: false });
    expect(expected).toMatchObject({
      status: 'completed',
      completed: 9,
      held: 0,
      parked: 0,
      phases: ['architect', 'planner', 'executor', 'reviewer'],
      project: [{ status: 'completed' }, {}],
    });
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 3 }), async (seed, replicas) => {
        const { end } = await live({ replicas, seed, chaos: true });
        expect(end).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('append nothing, offer nothing and read hardly anything when the whole history of a run comes again', async () => {
    const { world } = await live({ replicas: 2, seed: 3, chaos: true });
    const history = (await everything(world)).filter(({ type }) => reacted.has(type));
    const fresh = await world.replica();
    const [head, offered] = [await world.store.head(), world.shared.offered()];
    for (const topic of [...topics].reverse()) {
      const own = history.filter(({ stream }) => stream.startsWith(`${topic}-`));
      for (let from = 0; from < own.length; from += 7) await fresh.deliver(own.slice(from, from + 7));
    }
    expect(await world.store.head()).toBe(head);
    expect(world.shared.offered()).toBe(offered);
    expect(history.length).toBeGreaterThan(60);
    // The run's first and last word, and its project once; folded for each batch it would be thousands.
    expect(fresh.read.ofStreams).toBeLessThan(30);
  });

  it('decide on a plan before the end of its planning, although it has to be fetched', async () => {
    const { world } = await live({ replicas: 1, seed: 1, chaos: false });
    const types = (await everything(world))
      .filter(({ stream }) => stream.startsWith('run-'))
      .map(({ type }) => type);
    // Proposed and finished come in one batch; a second planning that ends first would go on with the plan before it.
    expect(types.indexOf('approval.requested')).toBeLessThan(types.lastIndexOf('budget.settled'));
  });

  it('wait for a queue that is away, say so, park nothing, and go on', async () => {
    const world = openReplicas(workflow);
    worlds.push(world);
    await world.createProject();
    const replica = await world.replica();
    await replica.operations.startRun(
      { params: { id: projectId }, query: {}, body: startRunBody.parse({}) },
      call('c_start'),
    );
    world.shared.fail(new PartituraError('QUEUE_UNREACHABLE', 'Redis does not answer.'));
    let isHandled = false;
    const handled = replica
      .deliver((await everything(world)).filter(({ type }) => reacted.has(type)))
      .then(() => {
        isHandled = true;
      });
    for (let minute = 0; minute < 10; minute += 1) await world.clock.advance(60_000);
    expect(isHandled).toBe(false);
    expect(await replica.complaints()).toContainEqual(expect.stringContaining('Redis does not answer.'));
    world.shared.fail(null);
    while (!isHandled) await world.clock.advance(1_000);
    await handled;
    expect(world.shared.jobs().map(([queue]) => queue)).toEqual(['plan']);
    expect((await everything(world)).map(({ type }) => type)).not.toContain('processor.event_parked');
  });
});
