import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ended, newPlace, type Place, tinyPrd } from './testing/cli.ts';

const execute = promisify(execFile);
const data = ['--data', 'data'];
let place: Place;
let finished: Ended;

const documentOf = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout);

beforeAll(async () => {
  place = await newPlace();
  await place.write('Weather Notes.md', tinyPrd);
  finished = await place.run(['run', 'Weather Notes.md', '--json', ...data]);
});
afterAll(() => place.remove());

describe('a run to its end', () => {
  it('prints one document, as the contract has it', () => {
    expect(finished.code).toBe(0);
    const document = documentOf(finished);
    expect(document).toMatchObject({
      run: expect.stringMatching(/^r_/),
      project: expect.stringMatching(/^p_/),
      status: 'completed',
      rehearsal: true,
      repo: join(place.directory, 'weather-notes'),
      branch: `partitura/${String(document.run)}`,
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      tasks: { total: expect.any(Number), completed: expect.any(Number), deadLettered: 0 },
      agents: expect.any(Number),
      usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number), costUsd: 0 },
      durationMs: expect.any(Number),
      position: expect.any(String),
    });
  });

  it('tells people on stderr, in plain lines, and says first and last that it rehearsed', () => {
    const lines = finished.stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^00:00 run r_\w+ · Weather Notes\.md \(15 words\) · .*rehearsal: no model is asked/,
    );
    expect(finished.stderr).toMatch(/✓ PRD read: \d+ requirements?, /);
    expect(finished.stderr).toMatch(/✓ plan: \d+ tasks, \d+ wide, critical path T1→/);
    expect(finished.stderr).toMatch(/✓ T1 .* \+\d+ −\d+ tests \d+\/\d+/);
    expect(finished.stderr).toMatch(/✓ merged to partitura\/r_\w+ · (\d+)\/\1 requirements/);
    expect(finished.stderr).not.toContain('\u001b');
    expect(finished.stderr).toContain('rehearsed: no model was asked, nothing was spent');
  });

  it('leaves a repository whose branch has the work and whose checkout is as it was', async () => {
    const { commit, branch } = documentOf(finished);
    const git = async (...args: readonly string[]) =>
      (await execute('git', [...args], { cwd: join(place.directory, 'weather-notes') })).stdout.trim();
    expect(await git('rev-parse', String(branch))).toBe(commit);
    expect(await git('status', '--porcelain')).toBe('');
    expect((await readdir(join(place.directory, 'weather-notes'))).toSorted()).toEqual([
      '.git',
      'README.md',
      'Weather Notes.md',
    ]);
  });
});

describe('without a server, afterwards', () => {
  const ask = async (...args: readonly string[]) => place.run([...args, ...data]);

  it('lists it', async () => {
    const listed = await ask('ps');
    expect(listed.stdout).toMatch(/^RUN +STATUS +TASKS +COST +STARTED +PROJECT\nr_\w+ +✓ completed/);
  });

  it('shows run, project, task and agent, by the beginning of their ids', async () => {
    const { run: id, project } = documentOf(finished) as { run: string; project: string };
    expect((await ask('show', id.slice(0, 6))).stdout).toContain(`partitura/${id}`);
    expect((await ask('show', project.slice(0, 6))).stdout).toContain(id);
    expect((await ask('show', 'T1')).stdout).toContain(`${id}.T1`);
    const agent = documentOf(await ask('show', `${id}.T1.a1`, '--json'));
    expect(agent).toMatchObject({ id: `${id}.T1.a1`, status: 'succeeded' });
  });

  it('tells its history, its state at a position, and what agents did', async () => {
    const { run } = documentOf(finished) as { run: string };
    const events = (await ask('history', '--events')).stdout
      .trimEnd()
      .split('\n')
      .map((text): { type: string; position: string } => JSON.parse(text));
    const positions = events.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted());
    const accepted = events.findIndex(({ type }) => type === 'plan.accepted');
    const [from = '', to = ''] = positions.slice(accepted, accepted + 2);
    const part = documentOf(await ask('history', run, '--from', from, '--to', to, '--json'));
    expect(part).toEqual({ items: events.slice(accepted, accepted + 2), nextCursor: null });
    const state = documentOf(await ask('state', '--at', from, '--json'));
    expect(state).toMatchObject({ run: { status: 'running', tasks: { completed: 0 } } });
    const backwards = documentOf(
      await ask('history', '--type', 'task.completed', '--type', 'run.completed', '--reverse', '--json'),
    );
    const [first, ...others] = (backwards as { items: { type: string }[] }).items.map(({ type }) => type);
    expect([first, ...new Set(others)]).toEqual(['run.completed', 'task.completed']);
    expect((await ask('history', 'T1', '--since', '1h')).stdout).toContain('task.started');
    const said = (await ask('diff', '--from', from)).stdout;
    expect(said).toMatch(/The run was running and is completed\./);
    expect(said).toMatch(/T1 “.*” was completed with [0-9a-f]{12}/);
    expect((await ask('state', '--at', '17')).code).toBe(2);
    expect((await ask('logs', 'T1')).stdout).toMatch(/verified: \d+\/\d+ criteria\n[\s\S]*done: /);
  });

  it('watches what is over, and does not go on with it', async () => {
    const watched = await ask('watch');
    expect(watched).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ merged to') });
    const resumed = await ask('resume');
    expect(resumed).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended: completed') });
  });

  it('counts what it was, and writes it to a file that the next one goes on from', async () => {
    const costs = await ask('analytics', 'costs', '--by', 'model,project', '--since', '2026-01-01');
    expect(costs.stdout).toMatch(/^model +project +calls .*cost\nrehearsal\/\S+ +p_\w+ .*\$0\.00\nall /);
    const written = documentOf(await ask('export', 'tasks', '-o', 'tasks.parquet', '--json'));
    const file = join(place.directory, 'tasks.parquet');
    expect(written).toMatchObject({ format: 'parquet', file, schemaVersion: 1 });
    expect((await readFile(file)).subarray(-4).toString()).toBe('PAR1');
    const rest = await ask('export', 'events', '-o', '-', '--after', String(written.position));
    expect(rest).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('--after') });
  });

  it('says why a line is as it is, on the branch that nobody merged yet and in a work tree', async () => {
    const { branch } = documentOf(finished) as { branch: string };
    const git = async (...args: readonly string[]) =>
      (await execute('git', [...args], { cwd: join(place.directory, 'weather-notes') })).stdout.trim();
    const [path = ''] = (await git('ls-tree', '-r', '--name-only', branch, '--', 'src/logic')).split('\n');
    const told = await ask('why', `weather-notes/${path}:1`);
    expect(told.stdout).toMatch(
      /\nprd +Weather Notes\.md:1 [\s\S]*\ntask +r_\w+\.T\d[\s\S]*\ncommit +[0-9a-f]{12} /,
    );
    await git('worktree', 'add', '--quiet', '../here', branch);
    await writeFile(join(place.directory, 'here', path), '// by hand\n', { flag: 'a' });
    const file = await readFile(join(place.directory, 'here', path), 'utf8');
    const last = file.trimEnd().split('\n').length;
    const byHand = await ask('why', `here/${path}:${last}`, '--json');
    expect(documentOf(byHand)).toMatchObject({ commit: null, missing: [{ code: 'UNCOMMITTED_LINE' }] });
    const byAgent = documentOf(await ask('why', `here/${path}:1`, '--json'));
    expect(byAgent).toMatchObject({ requirements: [{ prd: { line: 1 } }], missing: [] });
    expect(await ask('why', `here/${path}:${last + 1}`)).toMatchObject({ code: 2, stdout: '' });
    await git('worktree', 'remove', '--force', '../here');
  });

  it('compares it with itself, and tries another policy on it', async () => {
    const { run } = documentOf(finished) as { run: string };
    const compared = await ask('compare', run, run.slice(0, 6));
    expect(compared.stdout).toMatch(/They decided alike: \d+ decisions the same[\s\S]*Code: the same\./);
    await place.write('policy.yaml', 'budget: { tokens: 10 }\n');
    const tried = await ask('backtest', '--policy', 'policy.yaml', run);
    expect(tried.stdout).toMatch(
      /budget\.tokens: stop run[\s\S]*1 run: 1 would have been stopped, 1 stop wrongly/,
    );
    await place.write('policy.yaml', 'budgets: {}\n');
    expect(await ask('backtest', '--policy', 'policy.yaml')).toMatchObject({ code: 2 });
  });

  it('plans for the repository without touching it, and draws', async () => {
    const planned = await ask('plan', 'Weather Notes.md', '--repo', 'weather-notes', '--svg', 'plan.svg');
    expect(planned.code).toBe(0);
    expect(planned.stdout).toMatch(/● critical path T1 → /);
    expect(planned.stdout).toMatch(/P50 .*, P90 .*no cost/);
    expect(await readdir(place.directory)).toContain('plan.svg');
  });
});
