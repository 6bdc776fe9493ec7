import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Diary } from './diary.ts';
import { untilThere } from './until-there.ts';

export interface CommandingOptions {
  readonly client: ApiClient;
  /** Those to command, the newest last, with where the log stood when they had begun. */
  readonly runs: ReadonlyMap<string, string>;
  readonly wanted: () => boolean;
  readonly diary: Diary;
}

/** What was commanded, all of it answered. */
export interface Commanded {
  readonly comments: readonly string[];
  readonly pauses: number;
  readonly resumes: number;
  readonly calls: number;
  /** How often a query was told to come again later. */
  readonly behind: number;
}

/**
 * An operator who never rests: comments on tasks, pauses runs and lets them go on, and reads what became of it, from behind where
 * the command left the log.
 * @throws {PartituraError} whatever a call is refused with
 */
export const commanding = async ({ client, runs, wanted, diary }: CommandingOptions): Promise<Commanded> => {
  const comments: string[] = [];
  let pauses = 0;
  let resumes = 0;
  let interruptions = 0;
  let calls = 0;
  let behind = 0;

  const answered = async <Answer>(what: string, call: Promise<Answer>): Promise<Answer> => {
    const asked = performance.now();
    try {
      const answer = await call;
      calls += 1;
      const tookMs = Math.round(performance.now() - asked);
      if (tookMs > 2_000) diary.write(`${what} took ${tookMs} ms`);
      return answer;
    } catch (error) {
      diary.write(`${what} was refused: ${String(error)}`);
      throw error;
    }
  };

  const later = (): void => {
    behind += 1;
  };
  const look = (id: string, after: string) => {
    const ask = () => client.call('getRun', { params: { id }, query: { after } });
    return answered('getRun', untilThere(ask, later));
  };
  const tasksOf = (id: string) => {
    const query = { limit: 500, after: runs.get(id) };
    return answered(
      'listRunTasks',
      untilThere(() => client.call('listRunTasks', { params: { id }, query }), later),
    );
  };

  const comment = async (runId: string): Promise<void> => {
    const { items } = await tasksOf(runId);
    const parents = new Set(items.map(({ parentId }) => parentId));
    const leaves = items.filter(({ id }) => !parents.has(id));
    const task = leaves[comments.length % Math.max(1, leaves.length)];
    if (!task) return;
    const text = `Comment ${comments.length + 1}.`;
    const key = { idempotencyKey: text };
    const given = client.call('commentTask', { params: { id: task.id }, body: { text } }, key);
    const { position } = await answered('commentTask', given);
    comments.push(text);
    await look(runId, position);
  };

  const interrupt = async (runId: string): Promise<void> => {
    const params = { id: runId };
    interruptions += 1;
    const key = (what: string) => ({ idempotencyKey: `${what} ${interruptions}` });
    const paused = await answered('pauseRun', client.call('pauseRun', { params, body: {} }, key('pause')));
    pauses += 1;
    const seen = await look(runId, paused.position);
    if (seen.status !== 'paused') throw new Error(`${runId} was paused and is ${seen.status}.`);
    const resumed = await answered('resumeRun', client.call('resumeRun', { params }, key('resume')));
    resumes += 1;
    await look(runId, resumed.position);
  };

  /** Who comes too late, because the run has ended by itself, is told so rightly. */
  const command = async (runId: string, interrupting: boolean): Promise<void> => {
    try {
      await comment(runId);
      if (interrupting) await interrupt(runId);
    } catch (error) {
      if (!(error instanceof PartituraError && error.code === 'RUN_ENDED')) throw error;
      const { status } = await client.call('getRun', { params: { id: runId } });
      if (status !== 'completed') throw error;
    }
  };

  for (let round = 0; wanted(); round += 1) {
    const newest = [...runs.keys()].slice(-2);
    const runId = newest[round % 2];
    if (runId !== undefined) await command(runId, round % 10 === 9);
    await sleep(100);
  }
  return { comments, pauses, resumes, calls, behind };
};
