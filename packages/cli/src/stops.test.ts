import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newPlace, type Place, tinyPrd } from './testing/cli.ts';

const data = ['--data', 'data'];
let place: Place;

beforeAll(async () => {
  place = await newPlace();
  await place.write('weather.md', tinyPrd);
});
afterAll(() => place.remove());

it('stops at a budget with 6', async () => {
  const { code, stdout } = await place.run([
    'run',
    'weather.md',
    '--budget-tokens',
    '2000',
    '--json',
    ...data,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'stopped_budget', rehearsal: true });
  expect(code).toBe(6);
});

it('waits for an approval with 5, takes the answer once, and goes on when it is told to', async () => {
  const shown = await place.run(['workflow', 'show', 'architect-plan-swarm']);
  const path = join(place.directory, 'approved.yaml');
  await writeFile(
    path,
    shown.stdout.replace('approval: false', 'approval: true').replace(/^name: .*/, 'name: approved'),
  );
  expect((await readFile(path, 'utf8')).split('approval: true')).toHaveLength(2);
  expect((await place.run(['workflow', 'validate', 'approved.yaml'])).code).toBe(0);

  const waiting = await place.run([
    'run',
    'weather.md',
    '--workflow',
    'approved.yaml',
    '--no-input',
    '--json',
    ...data,
  ]);
  expect(waiting.code).toBe(5);
  const { run } = JSON.parse(waiting.stdout) as { run: string };
  const [approval = ''] = /partitura approve (\S+)/.exec(waiting.stderr)?.slice(1) ?? [];
  expect(approval.startsWith(`${run}.`)).toBe(true);

  const denied = await place.run(['deny', approval, '--comment', 'Too dear.', ...data]);
  expect(denied).toMatchObject({ code: 0, stdout: expect.stringContaining(`${approval} is denied.`) });
  const again = await place.run(['approve', approval, ...data]);
  expect(again.code).toBe(1);
  expect(again.stderr).not.toContain('INTERNAL_ERROR');
});

it('completes every command and flag in each shell', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await place.run(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['run', 'doctor', 'knowledge', 'search', 'budget-usd', 'no-input'])
      expect(stdout).toContain(word);
  }
});

it('says of the machine what works', async () => {
  const { stdout } = await place.run(['doctor', '--json', ...data]);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; outcome: string }[] };
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['node', 'git', 'sandbox', 'model', 'data', 'disk']),
  );
  expect(checks.find(({ name }) => name === 'git')?.outcome).toBe('fine');
});
