import { setTimeout as pause } from 'node:timers/promises';
import type { CloudEvent } from '@partitura/shared/http';
import type { Benchmark } from '../benchmark.ts';
import { median } from '../statistics.ts';
import { runId } from './log.ts';
import { closeReadPast, context, openPast, type Past, readingAlone, readPast } from './service.ts';

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const page = async ({ service }: Past, order: 'ascending' | 'descending', from?: string) => {
  const { getRunHistory } = service.operations;
  if (!getRunHistory) throw new Error('The projections do not answer what they own.');
  const query = { limit: 50, order, ...(from === undefined ? {} : { from }) };
  return getRunHistory({ params: { id: runId }, query, body: null }, context);
};

const stateAt = async ({ service }: Past, at: string) => {
  const { getRunState } = service.operations;
  if (!getRunState) throw new Error('The projections do not answer what they own.');
  return getRunState({ params: { id: runId }, query: { at }, body: null }, context);
};

let positions: Promise<readonly string[]> | null = null;
const positionsIn = (past: Past): Promise<readonly string[]> => {
  positions ??= (async () =>
    (await Array.fromAsync(past.store.readAll())).flatMap(({ events }) =>
      events.filter(({ metadata }) => metadata.runId === runId).map(({ position }) => position),
    ))();
  return positions;
};
const at = (all: readonly string[], share: number): string => all[Math.floor((all.length - 1) * share)] ?? '';

const medianOf = async (count: number, work: () => Promise<{ items: readonly CloudEvent[] }>) => {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await timed(work));
  return median(times);
};

export const history: Benchmark = {
  name: 'history',
  unit: 'ms',
  method:
    'A page of 50 from the middle of the history of a run of 100,000 events, median of 50; the limit is its first page.',
  target: { kind: 'at_most', value: 10 },
  rounds: 5,
  round: async () => {
    const past = await readPast();
    const all = await positionsIn(past);
    const first = await medianOf(50, () => page(past, 'ascending'));
    const middle = await medianOf(50, () => page(past, 'ascending', at(all, 0.5)));
    const last = await medianOf(50, () => page(past, 'descending'));
    return { ours: middle, limit: first, beside: { first, last, events: all.length } };
  },
  close: closeReadPast,
};

export const seek: Benchmark = {
  name: 'seek',
  unit: 'ms',
  method:
    'The state of a run of 100,000 events at a position, after its end was asked for once: median of 20 positions, with all its tasks and agents as the API has them.',
  target: { kind: 'at_most', value: 50 },
  rounds: 3,
  round: async () => {
    const past = await openPast('kept');
    await past.caughtUp();
    const all = await positionsIn(past);
    const first = await timed(() => stateAt(past, at(all, 1)));
    const times: number[] = [];
    for (let index = 0; index < 20; index += 1)
      times.push(await timed(() => stateAt(past, at(all, ((index * 7) % 20) / 20))));
    await past.close();
    return { ours: median(times), limit: null, beside: { first, slowest: Math.max(...times) } };
  },
};

/** How many events of the log a second some work takes in, beside reading them alone. Closes what it is given. */
const besideReading = async (past: Past, work: () => Promise<unknown>) => {
  const took = await timed(work);
  const { events, perSecond } = await readingAlone(past.store);
  await past.close();
  return { ours: events / (took / 1_000), limit: perSecond };
};

let built = 0;

export const fold: Benchmark = {
  name: 'fold',
  unit: 'events/s',
  method:
    'All read models from an empty file to the end of a log of 100,000 events; the limit is reading the log alone.',
  target: { kind: 'at_least', value: 10_000 },
  rounds: 3,
  round: async () => {
    built += 1;
    const past = await openPast(`fold-${built}`);
    return besideReading(past, () => past.caughtUp());
  },
};

const rebuildOf = async ({ service }: Past, name: string): Promise<void> => {
  const { rebuildProjection, listProjections } = service.operations;
  if (!rebuildProjection || !listProjections) throw new Error('The projections do not answer what they own.');
  await rebuildProjection({ params: { id: name }, query: {}, body: null }, context);
  const isUnderWay = async () => {
    const { items } = await listProjections({ params: {}, query: {}, body: null }, context);
    return items.some(({ status }) => status === 'rebuilding');
  };
  while (await isUnderWay()) await pause(20);
};

export const rebuild: Benchmark = {
  name: 'rebuild',
  unit: 'events/s',
  method:
    'The read model of tasks, again from a log of 100,000 events beside the live one; the limit is reading the log alone.',
  target: { kind: 'at_least', value: 10_000 },
  rounds: 3,
  round: async () => {
    const past = await openPast('kept');
    await past.caughtUp();
    return besideReading(past, () => rebuildOf(past, 'tasks'));
  },
};
