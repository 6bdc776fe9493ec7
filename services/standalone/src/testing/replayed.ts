import { replayAgents } from '@partitura/agent-runner';
import { replayRun } from '@partitura/orchestrator';
import { replayPlan } from '@partitura/planner';
import { openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { createRedactor } from '@partitura/shared/events';
import { dataPaths } from '@partitura/shared/hosting';
import { priceTable } from '@partitura/shared/models';
import { type Divergence, type ReplayPart, recordedRun } from '@partitura/shared/replaying';

const usual = {
  eventStoreUrl: 'sqlite:',
  readModelsUrl: 'sqlite:',
  knowledgeUrl: 'sqlite:',
  blobsUrl: 'file:',
};

export interface ReplayedLog {
  readonly events: number;
  /** Decisions that could not be made again. */
  readonly taken: number;
  readonly divergences: readonly Divergence[];
  /** What the virtual clock went on by from the first to the last event, in milliseconds: nobody waits for it. */
  readonly virtualMs: number;
}

const sum = (parts: readonly ReplayPart[], what: 'events' | 'taken'): number =>
  parts.flatMap(({ counts }) => counts).reduce((total, count) => total + count[what], 0);

const virtualMsOf = (parts: readonly ReplayPart[]): number => {
  const times = parts.flatMap(({ from, to }) => (from && to ? [Date.parse(from), Date.parse(to)] : []));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
};

/** Decides every run of a data directory once more. Nobody else may have it open. */
export const replayLog = async (data: string): Promise<ReplayedLog> => {
  const paths = dataPaths(data, usual);
  const store = openSqliteEventStore({ path: paths.events, redactor: createRedactor({ secrets: [] }) });
  const blobs = await openEmbeddedBlobStore({ directory: paths.blobs });
  const dependencies = { store, blobs, prices: priceTable() };
  const parts: ReplayPart[] = [];
  try {
    const until = await store.head();
    const begun = { categories: ['run'] as const, types: ['run.created'] };
    for await (const page of store.readAll({ filter: begun })) {
      for (const { stream } of page.events) {
        const run = stream.slice('run-'.length);
        const events = await recordedRun(store, run, until, { organizationId: null });
        for (const replay of [replayRun, replayPlan, replayAgents])
          parts.push(await replay(dependencies, run, events, until));
      }
    }
  } finally {
    await blobs.close();
    await store.close();
  }
  return {
    events: sum(parts, 'events'),
    taken: sum(parts, 'taken'),
    divergences: parts.flatMap(({ divergence }) => divergence ?? []),
    virtualMs: virtualMsOf(parts),
  };
};
