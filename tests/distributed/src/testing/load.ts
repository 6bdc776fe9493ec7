import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginning } from '@partitura/shared/events';
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
  untilRecorded(runId: string, type: RegExp, after: string): Promise<void>;
  untilEnd(runId: string): Promise<void>;
}

const ends = /^run\.(completed|failed|stopped|cancelled|paused)$/;

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
  const typesOf = async (runId: string, after: string): Promise<readonly string[]> =>
    (await world.log())
      .filter(({ stream, position }) => stream.includes(runId) && position > after)
      .map(({ type }) => type);

  const untilRecorded: Load['untilRecorded'] = async (runId, type, after) => {
    for (;;) {
      const types = await typesOf(runId, after);
      if (types.some((each) => type.test(each))) return;
      if (types.some((each) => ends.test(each))) throw new Error(`${runId} ended without any ${type}`);
      await sleep(100);
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
