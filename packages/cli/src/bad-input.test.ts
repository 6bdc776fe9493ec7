import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newPlace, type Place, tinyPrd } from './testing/cli.ts';

const run = promisify(execFile);
let place: Place;

const git = (directory: string, ...args: readonly string[]) =>
  run('git', ['-c', 'user.name=T', '-c', 'user.email=t@x', ...args], {
    cwd: join(place.directory, directory),
  });

const repository = async (name: string): Promise<void> => {
  await mkdir(join(place.directory, name));
  await git(name, 'init', '-q', '-b', 'main');
};

const committed = async (name: string): Promise<void> => {
  await repository(name);
  await writeFile(join(place.directory, name, 'README.md'), '# A repository\n');
  await git(name, 'add', '.');
  await git(name, 'commit', '-q', '-m', 'Begin');
};

beforeAll(async () => {
  place = await newPlace();
  await place.write('PRD.md', tinyPrd);
  await place.write('empty.md', '');
  await place.write('blank.md', ' \n\n');
  await place.write('vague.md', 'Build something nice.');
  await place.write('binary.md', new Uint8Array([1, 0, 2, 0, 3]));
  await place.write('document.md', '%PDF-1.7 …');
  await place.write('latin.md', new Uint8Array([...Buffer.from(tinyPrd), 0xe9, 0x20]));
  await place.write('large.md', 'A requirement on links. '.repeat(450_000));
  await symlink('round.md', join(place.directory, 'round.md'));
  await place.write('workflow.yaml', 'name: mine\nversion: 0\nphases: []\n');
  await place.write('workflow.json', '{ "name": ');
  await mkdir(join(place.directory, 'folder'));
  await place.write('folder/inside.md', tinyPrd);
  await mkdir(join(place.directory, 'prd'));
  await place.write('prd/notes.txt', 'somebody’s');
  await mkdir(join(place.directory, 'no-commits'));
  await git('no-commits', 'init', '-q', '-b', 'main');
  await committed('dirty');
  await place.write('dirty/README.md', '# Changed\n');
  await committed('detached');
  await git('detached', 'checkout', '-q', '--detach');
  await committed('clean');
});
afterAll(() => place.remove());

describe('input that cannot be worked with', () => {
  const rows: readonly (readonly [what: string, args: readonly string[], says: string | RegExp])[] = [
    ['an unknown command', ['rnu', 'PRD.md'], "error[USAGE] Unknown command 'rnu'"],
    ['an unknown flag', ['run', 'PRD.md', '--budget-us', '5'], '(Did you mean --budget-usd?)'],
    ['a missing argument', ['run'], "Missing required argument 'prd'"],
    [
      'a model and a rehearsal',
      ['run', 'PRD.md', '--model', 'openai/gpt-6', '--rehearse'],
      'cannot be used with',
    ],
    ['a budget of nothing', ['run', 'PRD.md', '--budget-usd', '0'], 'With nothing to spend'],
    ['a budget below nothing', ['run', 'PRD.md', '--budget-usd=-5'], 'has to be an amount of US dollars'],
    ['a budget in words', ['run', 'PRD.md', '--budget-usd', 'five'], 'has to be an amount of US dollars'],
    ['no tokens', ['run', 'PRD.md', '--budget-tokens', '0'], 'a whole number of tokens'],
    ['half a token', ['run', 'PRD.md', '--budget-tokens', '0.5'], 'a whole number of tokens'],
    ['no agents', ['run', 'PRD.md', '--max-agents', '0'], 'a whole number of agents'],
    [
      'a PRD that is not there',
      ['run', 'PRG.md'],
      /error\[PRD_NOT_FOUND] There is no file PRG\.md\.\n {2}Did you mean PRD\.md\?/,
    ],
    ['a directory', ['run', 'folder'], /PRD_IS_DIRECTORY.*\n.*inside\.md/],
    ['a PRD that cannot be read', ['run', 'round.md'], 'error[PRD_NOT_READABLE]'],
    ['an empty PRD', ['run', 'empty.md'], 'error[PRD_EMPTY] The PRD is empty.'],
    ['a PRD of an empty name', ['run', ''], 'error[PRD_EMPTY] The PRD is empty.'],
    ['a blank PRD', ['run', 'blank.md'], 'nothing but white space'],
    ['a vague PRD', ['run', 'vague.md'], 'PRD_TOO_VAGUE'],
    ['a vague goal', ['run', 'do it'], 'PRD_TOO_VAGUE'],
    ['a binary PRD', ['run', 'binary.md'], 'PRD_NOT_TEXT'],
    ['a PDF', ['run', 'document.md'], 'The PRD is a PDF, not text.'],
    ['another encoding', ['run', 'latin.md'], 'is not UTF-8 text'],
    ['10 MB', ['run', 'large.md'], /PRD_TOO_LARGE.* 10\.\d\d MiB; at most 1\.00 MiB/],
    [
      'an unknown workflow',
      ['run', 'PRD.md', '--workflow', 'architect-plan-swarn'],
      'Did you mean architect-plan-swarm?',
    ],
    [
      'a workflow file that is not there',
      ['run', 'PRD.md', '--workflow', './none.yaml'],
      'WORKFLOW_NOT_READABLE',
    ],
    [
      'a workflow file that is none',
      ['run', 'PRD.md', '--workflow', 'workflow.json'],
      'neither JSON nor YAML',
    ],
    [
      'a workflow that is not valid',
      ['run', 'PRD.md', '--workflow', 'workflow.yaml'],
      /INVALID_WORKFLOW[\s\S]*phases:/,
    ],
    ['a model that nobody knows', ['run', 'PRD.md', '--model', 'nobody/knows'], 'error[MODEL_NOT_FOUND]'],
    ['a model without a key', ['run', 'PRD.md', '--model', 'anthropic/claude-sonnet-4-5'], /error\[MODEL_/],
    [
      'a model without a provider',
      ['run', 'PRD.md', '--model', 'gpt'],
      '--model has to name a provider and a model',
    ],
    [
      'no such repository',
      ['run', 'PRD.md', '--rehearse', '--repo', 'nowhere'],
      'error[REPOSITORY_NOT_FOUND]',
    ],
    ['no repository', ['run', 'PRD.md', '--rehearse', '--repo', 'folder'], 'error[NOT_A_REPOSITORY]'],
    [
      'no commits',
      ['run', 'PRD.md', '--rehearse', '--repo', 'no-commits'],
      'error[REPOSITORY_HAS_NO_COMMITS]',
    ],
    ['a detached head', ['run', 'PRD.md', '--rehearse', '--repo', 'detached'], 'error[DETACHED_HEAD]'],
    [
      'uncommitted changes',
      ['run', 'PRD.md', '--rehearse', '--repo', 'dirty'],
      /REPOSITORY_DIRTY.*README\.md[\s\S]*--yes/,
    ],
    [
      'an unknown base',
      ['run', 'PRD.md', '--rehearse', '--repo', 'clean', '--base', 'next'],
      'error[BASE_BRANCH_NOT_FOUND]',
    ],
    [
      'a base of a new repository',
      ['run', 'PRD.md', '--rehearse', '--base', 'main', '--data', 'd', '--repo', 'folder'],
      'error[NOT_A_REPOSITORY]',
    ],
    ['a folder in the way', ['run', 'PRD.md', '--rehearse'], 'error[REPOSITORY_PATH_TAKEN] ./prd exists'],
    ['an unknown shell', ['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
  ];

  it.each(rows)('%s: exit 2, and nothing is made', async (_, args, says) => {
    const before = await readdir(place.directory);
    const { code, stdout, stderr } = await place.run(args);
    expect(stderr).toMatch(typeof says === 'string' ? literal(says) : says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(await readdir(place.directory)).toEqual(before);
  });

  it('no git', async () => {
    const { code, stderr } = await place.run(['run', 'PRD.md', '--rehearse', '--repo', 'clean'], {
      environment: { PATH: '/nowhere' },
    });
    expect(stderr).toContain('error[GIT_NOT_INSTALLED]');
    expect(code).toBe(2);
  });

  it('an unknown variable and a bad value, both named', async () => {
    const { code, stderr } = await place.run(['ps'], {
      environment: { PARTITURA_PROT: '1', PARTITURA_PORT: 'x' },
    });
    expect(stderr).toContain('PARTITURA_PROT is not a variable');
    expect(stderr).toContain('PARTITURA_PORT has to be a whole number');
    expect(code).toBe(2);
  });

  it('two kinds of data on one stdout', async () => {
    const { code, stderr } = await place.run(['ps', '--json', '--events']);
    expect(stderr).toContain('Either --json or --events');
    expect(code).toBe(2);
  });

  it('tells programs of it as a document', async () => {
    const { code, stdout, stderr } = await place.run(['run', 'empty.md', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'PRD_EMPTY',
        message: 'The PRD is empty.',
        advice: expect.stringContaining('Say in a few sentences'),
        problems: [],
      },
    });
    expect(stderr).toContain('error[PRD_EMPTY]');
    expect(code).toBe(2);
  });
});

const literal = (text: string): RegExp => new RegExp(RegExp.escape(text));

describe('what is not there', () => {
  it.each([
    ['a server', ['ps', '--url', 'http://127.0.0.1:9'], 'error[SERVER_NOT_REACHED]'],
    ['a run', ['show', 'r_nothing', '--data', 'data'], 'error[RUN_NOT_FOUND]'],
    ['any run', ['resume', '--data', 'data'], 'There is no run yet.'],
    ['a project', ['show', 'p_nothing', '--data', 'data'], 'error[PROJECT_NOT_FOUND]'],
  ])('%s: exit 1', async (_, args, says) => {
    const { code, stderr } = await place.run(args);
    expect(stderr).toContain(says);
    expect(code).toBe(1);
  });

  it('a data directory that cannot be written: exit 1', async () => {
    await place.write('file', '');
    const { code, stderr } = await place.run(['ps', '--data', 'file/data']);
    expect(stderr).toContain('error[DATA_DIRECTORY_NOT_WRITABLE]');
    expect(code).toBe(1);
  });
});
