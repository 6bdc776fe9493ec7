import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addUsage,
  asOrganizationId,
  asRunId,
  noUsage,
  type RecordedEvent,
  streamName,
  type Usage,
} from '@partitura/shared/events';
import { translation } from '@partitura/shared/forking';
import { type OperationOutput, type Operations, operations } from '@partitura/shared/http';
import { type Happening, recorded, runStory } from '@partitura/shared/http/testing';
import fc from 'fast-check';
import { foldEvents, nothingStored } from '../folding/fold-events.ts';
import { foldInBatches } from '../testing/fold.ts';
import { type ToldService, toldService } from '../testing/told-service.ts';
import { atOnce } from './at-once.ts';
import { actualCriticalPath } from './critical-path.ts';
import type { CallFact } from './facts/call-facts.ts';
import { type FactDocument, facts } from './facts/facts.ts';
import type { TaskFact } from './facts/task-facts.ts';
import { percentile } from './statistics.ts';

const acme = asOrganizationId('acme');

/** Models that cost, that nobody knows the price of, and that only rehearse. */
const paidBy = (model: string, costs: boolean, story: readonly Happening[]): readonly Happening[] =>
  story.map((one) => {
    if (one.event.type !== 'model.answered') return one;
    const { usage } = one.event.data;
    const data = {
      ...one.event.data,
      model,
      usage: { ...usage, costMicroUsd: costs ? usage.costMicroUsd : 0 },
    };
    return { ...one, event: { ...one.event, data } };
  });

const stories = [
  ...paidBy(
    'anthropic/claude-opus-5-5',
    true,
    runStory({ tasks: 4, deadLetter: true, organizationId: acme }),
  ),
  ...paidBy('local/secret', false, runStory({ projectId: 'p_2', runId: 'r_2', organizationId: acme })),
  ...paidBy('rehearsal/small', false, runStory({ projectId: 'p_other', runId: 'r_other' })),
];

const callsIn = (folded: ReadonlyMap<string, string>): readonly CallFact[] =>
  [...folded.values()]
    .map((text) => JSON.parse(text) as FactDocument)
    .flatMap((fact) => (fact.kind === 'call' && fact.own ? [fact] : []));
const paidIn = (events: readonly RecordedEvent[]): Usage =>
  events.reduce((sum, { type, data }) => {
    const { usage } = Object(data) as { usage?: Usage };
    return type.startsWith('model.') && usage ? addUsage(sum, usage) : sum;
  }, noUsage);
const usageFields = Object.keys(noUsage) as readonly (keyof Usage)[];
const totalOf = (found: readonly CallFact[]): Usage =>
  found.reduce((sum, fact) => addUsage(sum, fact), noUsage);

describe('facts', () => {
  const log = recorded(stories);

  it('have every call once, however often its event comes and wherever a batch ends', async () => {
    const paid = paidIn(log);
    expect(paid.calls).toBeGreaterThan(10);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(log.length), fc.nat(60)), { maxLength: 8 }),
        async (crashes) => {
          // Each crash goes back to some event before it, and folds from there again.
          let [reached, replayed] = [0, [] as RecordedEvent[]];
          for (const [at, back] of crashes.sort(([left], [right]) => left - right)) {
            replayed = [...replayed, ...log.slice(Math.max(0, reached - back), at)];
            reached = at;
          }
          replayed = [...replayed, ...log.slice(reached)];
          const sizes = crashes.map(([, size]) => size + 1);
          const total = totalOf(callsIn(await foldInBatches(facts, replayed, sizes)));
          for (const field of usageFields) expect([field, total[field]]).toEqual([field, paid[field]]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('of a fork have what it paid itself, and the types of what it inherited', async () => {
    const past = recorded(runStory({ tasks: 2 }));
    const cut = past.findIndex(({ type }) => type === 'task.completed');
    const { event, text } = translation('r_1', 'r_fork');
    const inherited = past.slice(0, cut).map((one) => event(one, one.revision));
    // What comes after the fork is its own, in streams that go on from those of its parent.
    const after = past.slice(cut).map((one) => {
      const { recorded: _, ...plain } = event(one, one.revision);
      return plain;
    });
    const [first] = past;
    if (!first) throw new Error('There is no past.');
    const { position } = past[cut - 1] ?? first;
    const forked = { ...first, type: 'run.forked', stream: streamName('run', 'r_fork'), position };
    const own = [{ ...forked, metadata: { ...forked.metadata, runId: asRunId('r_fork') } }, ...after];
    const { documents, poisoned } = await foldEvents(facts, own, nothingStored, async (first) => ({
      forked: first,
      events: (async function* () {
        yield inherited;
      })(),
    }));
    expect(poisoned).toEqual([]);
    const folded = new Map([...documents].map(([id, fact]) => [id, JSON.stringify(fact)]));
    expect(totalOf(callsIn(folded))).toEqual(paidIn(own));
    const all = [...folded.values()].map((value) => JSON.parse(value) as FactDocument);
    expect(all.filter(({ kind, own: counts }) => kind === 'attempt' && counts)).toMatchObject([
      { agentId: text('r_1.T2.a1'), agentType: 'eng-backend' },
    ]);
    expect(all.find(({ id }) => id === 'task/r_fork.T2')).toMatchObject({ phase: 'executor', own: true });
    expect(all.find(({ id }) => id === 'run/r_fork')).toMatchObject({
      forked: true,
      phases: [{ phase: 'planner' }, { phase: 'executor' }],
      estimate: { criticalPathMs: 60_000 },
    });
  });
});

let told: ToldService;

beforeAll(async () => {
  told = await toldService(stories);
});
afterAll(() => told.stop());

type Question = 'getCosts' | 'getThroughput' | 'getAgentFigures' | 'getQuality' | 'getParallelism';

const ask = async <Name extends Question>(
  name: Name,
  query: object = {},
  organizationId: typeof acme | null = acme,
): Promise<OperationOutput<Operations[Name]>> => {
  const answer = await told.ask(name, { query, organizationId });
  return operations[name].result.parse(answer) as OperationOutput<Operations[Name]>;
};

describe('costs', () => {
  it('say what a month cost by model and project, and that a price is not known', async () => {
    const month = { since: '2026-01-01', until: '2026-02-01', groupBy: 'model,project' };
    const { items, totals } = await ask('getCosts', month);
    expect(items).toMatchObject([
      { model: 'anthropic/claude-opus-5-5', project: 'p_1', calls: 6, costUsd: 0.0105, unpricedCalls: 0 },
      { model: 'local/secret', project: 'p_2', calls: 5, costUsd: null, knownCostUsd: 0, unpricedCalls: 5 },
    ]);
    expect(totals).toMatchObject({ calls: 11, costUsd: null, knownCostUsd: 0.0105 });
    expect((await ask('getCosts', {}, null)).totals).toMatchObject({ calls: 16, rehearsalCalls: 5 });
  });

  it('are the same by whatever they are told apart', async () => {
    const { totals } = await ask('getCosts');
    for (const groupBy of ['day', 'phase,agentType', 'organization,month,run'])
      for (const field of ['calls', 'inputTokens', 'knownCostUsd'] as const) {
        const { items } = await ask('getCosts', { groupBy });
        const sum = items.reduce((all, one) => all + one[field], 0);
        expect([groupBy, field, sum]).toEqual([groupBy, field, expect.closeTo(totals[field], 9)]);
      }
    const { items } = await ask('getCosts', { groupBy: 'phase,agentType', runId: 'r_1' });
    expect(items).toMatchObject([
      { phase: 'executor', agentType: 'eng-backend', calls: 5 },
      { phase: 'planner', agentType: 'planner', calls: 1 },
    ]);
  });

  it('come in pages, with the sum of all', async () => {
    const whole = await ask('getCosts', { groupBy: 'agentType,project' });
    const first = await ask('getCosts', { groupBy: 'agentType,project', limit: 3 });
    const cursor = first.nextCursor ?? '';
    const second = await ask('getCosts', { groupBy: 'agentType,project', limit: 3, cursor });
    expect([...first.items, ...second.items]).toEqual(whole.items);
    expect([first.totals, second.nextCursor]).toEqual([whole.totals, null]);
    await expect(ask('getCosts', { groupBy: 'agentType', cursor })).rejects.toMatchObject({
      code: 'BAD_CURSOR',
    });
  });

  it.each([
    ['an hour before', { until: '2026-01-01T00:00:00Z' }, 0],
    ['the day, with an offset', { since: '2026-01-01T01:00:00+01:00', until: '2026-01-02' }, 11],
    ['a model', { model: 'local/secret' }, 5],
    ['a phase', { phase: 'planner' }, 2],
    ['an agent type', { agentType: 'eng-backend', projectId: 'p_2' }, 4],
    ['a workflow that nobody used', { workflow: 'waterfall' }, 0],
  ])('of %s are counted for it alone', async (_, query, expected) => {
    expect((await ask('getCosts', query)).totals.calls).toBe(expected);
  });

  it.each([
    [{ projectId: 'p_other' }, 'PROJECT_NOT_FOUND'],
    [{ runId: 'r_other' }, 'RUN_NOT_FOUND'],
    [{ since: '2026-02-01', until: '2026-01-01' }, 'BAD_REQUEST'],
  ])('asked for with %j are refused with %s', async (query, code) => {
    await expect(ask('getCosts', query)).rejects.toMatchObject({ code });
  });
});

describe('the other figures', () => {
  it('count tasks, attempts and runs once', async () => {
    const { totals, items } = await ask('getThroughput', { groupBy: 'project' });
    expect(totals).toMatchObject({
      tasks: { completed: 6, deadLettered: 1, cancelled: 0, open: 0 },
      attempts: 9,
      retries: 2,
      failedAttempts: 3,
      merged: 6,
      runs: { completed: 1, failed: 1, open: 0 },
    });
    expect(items).toMatchObject([{ project: 'p_1' }, { project: 'p_2' }]);
  });

  it('say how agents did', async () => {
    const { items } = await ask('getAgentFigures', { groupBy: 'agentType' });
    expect(items).toMatchObject([
      { agentType: 'eng-backend', attempts: 9, succeeded: 6, failed: 3, retries: 2, crashes: 9, turns: 9 },
    ]);
    expect(items[0]?.durationMs.p50).toBeGreaterThan(0);
  });

  it('say how good it was, and what nothing is known of', async () => {
    const { totals } = await ask('getQuality');
    expect(totals).toMatchObject({
      deadLetters: 1,
      gates: { passed: 0, passRate: null },
      checks: { attempts: 0, firstTimeRate: null },
      knowledge: { nodesUsed: 0, nodesAvailable: 0, reuseRate: null },
    });
    expect((await ask('getQuality', { groupBy: 'run' })).items[0]?.knowledge.nodesAvailable).toBeNull();
  });

  it('say how many were at work at once, and how long the longest way was', async () => {
    const { totals } = await ask('getParallelism', { projectId: 'p_2' });
    expect(totals).toMatchObject({
      runs: 1,
      maxAgents: 1,
      meanAgents: 1,
      criticalPath: { runs: 1, estimatedMs: 60_000 },
    });
    expect(totals.utilisation).toBeGreaterThan(0);
    expect(totals.utilisation).toBeLessThan(1);
  });
});

describe('the arithmetic', () => {
  it('of agents at once is that of looking at every moment', () => {
    const interval = fc.tuple(fc.nat(40), fc.nat(40)).map(([from, length]) => [from, from + length] as const);
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
        const moments = Array.from({ length: 81 }, (_, at) => at + 0.5);
        const counts = moments.map((at) => intervals.filter(([from, to]) => from <= at && at < to).length);
        const sumMs = counts.reduce((sum, one) => sum + one, 0);
        const busyMs = counts.filter((one) => one > 0).length;
        const mean = busyMs === 0 ? null : sumMs / busyMs;
        expect(atOnce(intervals)).toEqual({ max: Math.max(...counts), sumMs, busyMs, mean });
      }),
    );
  });

  const task = (key: string, durationMs: number, ...dependsOn: string[]) =>
    ({ key, durationMs, dependsOn, outcome: 'completed' }) as unknown as TaskFact;

  it('of a critical path takes the longest way, also through a thousand tasks and past what is missing', () => {
    const diamond = [task('a', 5), task('b', 1, 'a'), task('c', 7, 'a', 'gone'), task('d', 2, 'b', 'c')];
    expect(actualCriticalPath(diamond.toReversed())).toBe(14);
    const chain = Array.from({ length: 5_000 }, (_, at) =>
      task(`t${at}`, 1, ...(at === 0 ? [] : [`t${at - 1}`])),
    );
    expect(actualCriticalPath(chain.toReversed())).toBe(5_000);
    expect(actualCriticalPath([])).toBeNull();
  });

  it('of a percentile is exact', () => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0.5, 0.95, 1].map((share) => percentile(values, share))).toEqual([50, 95, 100]);
    expect([percentile([7], 0.5), percentile([], 0.5)]).toEqual([7, null]);
  });
});
