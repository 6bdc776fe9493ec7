import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import { git } from '@partitura/shared/repositories';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { type Standalone, startStandalone } from './service.ts';
import { makePlaces, type Places } from './testing/places.ts';

const prd = `# Weather

A command for people who go out.

- It prints the weather of a city.
- It caches answers for ten minutes.
`;
const lines = prd.split('\n');

let places: Places;
let running: Standalone;
let client: ApiClient;
let runId = '';

beforeAll(async () => {
  places = await makePlaces();
  const configuration = await loadConfiguration({
    environment: { PARTITURA_DATA: places.data },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  running = await startStandalone({
    configuration,
    logger: silentLogger,
    version: '0',
    mode: 'work',
    port: 0,
  });
  client = apiClient({ baseUrl: running.url });
  const project = await client.call('createProject', {
    body: { prd: { text: prd }, repository: { url: places.repository } },
  });
  runId = (await client.call('startRun', { params: { id: project.id }, body: {} })).id;
  for await (const { type } of client.events({ runId, after: '' })) {
    if (type === 'run.completed') return;
    if (type === 'run.failed') throw new Error('The run failed.');
  }
});
afterAll(async () => {
  await running.stop(1_000);
  await places.remove();
});

const inRepository = async (...args: readonly string[]): Promise<string> =>
  (await git(args, { cwd: places.repository })).stdout;

describe('a rehearsed run', () => {
  it('can say of each line that it merged what it is for, down to the line of the PRD', async () => {
    const branch = `partitura/${runId}`;
    const files = (
      await inRepository('ls-tree', '-r', '--name-only', branch, '--', 'src/logic', 'test/logic')
    )
      .trim()
      .split('\n');
    expect(files.length).toBeGreaterThanOrEqual(4);
    const served = new Set<number>();
    for (const path of files) {
      const length = (await inRepository('show', `${branch}:${path}`)).trimEnd().split('\n').length;
      for (const line of [1, Math.ceil(length / 2), length]) {
        const why = await client.call('explainLine', { query: { runId, path, line } });
        expect(why).toMatchObject({
          line,
          commit: { kind: 'checkpoint' },
          step: {
            certainty: 'wrote',
            tool: 'write_file',
            arguments: { text: expect.stringContaining(path) },
          },
          prompt: { opening: expect.stringContaining(why.task?.title ?? '–') },
          merge: { event: { stream: `merge-${runId}` } },
          missing: [],
        });
        const [requirement] = why.requirements;
        expect(requirement?.prd.text).toBe(lines[(requirement?.prd.line ?? 0) - 1]);
        expect(why.task?.title).toContain(requirement?.text.replace(/\.$/, '') ?? '–');
        served.add(requirement?.prd.line ?? 0);
      }
    }
    expect([...served].toSorted()).toEqual([5, 6]);
  });

  it('is like itself, and has no other code', async () => {
    const params = { id: runId, other: runId };
    const comparison = await client.call('compareRuns', { params });
    expect(comparison).toMatchObject({ relation: 'same_run', parting: null, decisions: { different: 0 } });
    expect(comparison.tasks.every(({ alignedBy }) => alignedBy === 'key')).toBe(true);
    expect(await client.call('getCodeDifference', { params })).toMatchObject({ files: [], patch: '' });
  });

  it('would have come through with what it used, and not with half of it', async () => {
    const { usage } = await client.call('getRun', { params: { id: runId } });
    const used = usage.inputTokens + usage.outputTokens;
    const backtest = async (tokens: number) =>
      (await client.call('backtestPolicy', { body: { runIds: [runId], policy: { budget: { tokens } } } }))
        .total;
    // What is set aside for a call is more than what it takes.
    expect(await backtest(used * 3)).toMatchObject({ runs: 1, stopped: 0, saved: { tokens: 0 } });
    const half = await backtest(Math.floor(used / 2));
    expect(half).toMatchObject({ stopped: 1, wrongStops: 1 });
    expect(half.saved.tokens).toBeGreaterThan(used / 3);
  });
});
