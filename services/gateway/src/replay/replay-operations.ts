import { sha256 } from '@partitura/shared/canonical';
import type { EventStore } from '@partitura/shared/event-store';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { type Divergence, type ReplayPart, type ReplayReport, replayPart } from '@partitura/shared/replaying';
import type { OperationCaller } from '../operation-caller.ts';

/** Owners of what a run is made of: each plays its own streams again. */
const parts = ['replayRunDecisions', 'replayRunPlanning', 'replayRunAgents'] as const;

const sumOf = (counts: ReplayReport['counts'], what: 'events' | 'decisions' | 'outcomes' | 'taken'): number =>
  counts.reduce((sum, count) => sum + count[what], 0);

const firstOf = (found: readonly ReplayPart[]): Divergence | null =>
  found
    .flatMap(({ divergence }) => divergence ?? [])
    .reduce<Divergence | null>(
      (first, one) => (first === null || one.position < first.position ? one : first),
      null,
    );

/** From the first to the last event, in milliseconds. */
const durationOf = (found: readonly ReplayPart[]): number => {
  const times = found.flatMap(({ from, to }) => (from && to ? [Date.parse(from), Date.parse(to)] : []));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
};

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** What the owners say, put together. */
const sumUp = (
  run: string,
  position: string,
  found: readonly ReplayPart[],
  replayMs: number,
): ReplayReport => {
  const counts = found.flatMap((part) => part.counts);
  const divergence = firstOf(found);
  const recordedMs = durationOf(found);
  return {
    run,
    position,
    events: sumOf(counts, 'events'),
    decisions: sumOf(counts, 'decisions'),
    outcomes: sumOf(counts, 'outcomes'),
    taken: sumOf(counts, 'taken'),
    agrees: divergence === null,
    divergences: found.reduce((sum, { divergences }) => sum + divergences, 0),
    divergence,
    recordedMs,
    replayMs: round(replayMs, 1),
    speed: round(recordedMs / Math.max(replayMs, 0.1), 1),
    hash: sha256(found.map(({ hash }) => hash).join('\n')),
    counts,
  };
};

/** Replays are put together here: only the gateway asks several owners. All play up to the same position. */
export const replayOperations = (
  owners: OperationCaller,
  store: Pick<EventStore, 'head'>,
): Pick<OperationHandlers, 'replayRun'> => {
  const playedBy = async (
    name: (typeof parts)[number],
    id: string,
    until: string,
    context: CallContext,
  ): Promise<ReplayPart> => {
    const { rights: _, ...rest } = context;
    return replayPart.parse(await owners.call(name, { params: { id }, query: { until }, body: null }, rest));
  };
  return {
    replayRun: async ({ params: { id } }, context) => {
      const until = await store.head();
      const started = performance.now();
      const found = await Promise.all(parts.map((name) => playedBy(name, id, until, context)));
      return sumUp(id, until, found, performance.now() - started);
    },
  };
};
