import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '@partitura/shared/event-store';
import { beginning, type Position } from '@partitura/shared/events';
import { requestAnswersOnly } from './answers-only.ts';
import { requestRun } from './conducted-run.ts';
import type { Swarm } from './swarm.ts';
import type { World } from './world.ts';

const prd = await readFile(new URL('../../../../examples/prds/link-shortener.md', import.meta.url), 'utf8');
const model = 'anthropic/claude-sonnet-5-5';

/** `files`: agents write, checks run, branches are merged. `answers`: agents only say something, which costs next to no processor time. */
export type RunKind = 'files' | 'answers';

export interface Load {
  /** Ids of all runs so far. */
  readonly runs: readonly string[];
  begin(kind: RunKind): Promise<string>;
  /** Resolves when an event of this type is recorded for the run after `position`. @throws {Error} when the run ended without */
  untilRecorded(runId: string, type: RegExp, after: Position): Promise<void>;
  untilEnd(runId: string): Promise<void>;
}

const ends = /^run\.(completed|failed|stopped|cancelled|paused)$/;

/**
 * Of the run's events, as they come, without end. Each is read once: the whole log ten times a second took more of the processors than
 * the runs did.
 */
async function* typesOf(store: EventStore, runId: string, after: Position): AsyncGenerator<string> {
  for (let reached = after; ; await sleep(100))
    for await (const { events, position } of store.readAll({ after: reached, asRecorded: true })) {
      for (const { stream, type } of events) if (stream.includes(runId)) yield type;
      reached = position;
    }
}

/** Runs for a swarm to be busy with, asked for one by one. */
export const loadOf = (world: World, swarm: Swarm): Load => {
  const runs: string[] = [];
  const begins = {
    files: async () => {
      const { url } = await world.git.create(`project-${runs.length + 1}`);
      return (await requestRun(swarm.client(), { prd, repositoryUrl: url, maxAgents: 4 })).runId;
    },
    answers: () => requestAnswersOnly(world.store, world.blobs, { prd, model, maxAgents: 4 }),
  };
  const untilRecorded: Load['untilRecorded'] = async (runId, wanted, after) => {
    for await (const type of typesOf(world.store, runId, after)) {
      if (wanted.test(type)) return;
      if (ends.test(type)) throw new Error(`${runId} ended without any ${wanted}`);
    }
  };

  return {
    runs,
    begin: async (kind) => {
      const runId = await begins[kind]();
      runs.push(runId);
      return runId;
    },
    untilRecorded,
    untilEnd: (runId) => untilRecorded(runId, ends, beginning),
  };
};
