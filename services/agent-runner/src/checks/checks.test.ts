import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository } from '@partitura/shared/repositories';
import { detectSandbox, type Sandbox, type SandboxResult } from '../sandbox/index.ts';
import { readTestCounts } from './counts.ts';
import { type CheckOutcome, projectChecks } from './index.ts';

const { signal } = new AbortController();
const checks = projectChecks();
let base = '';
let path = '';

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-checks-')));
  path = join(base, 'tree');
  await createRepository(path, {
    files: { 'README.md': '' },
    message: 'Begin',
    identity: { name: 'T', email: 't@example.org' },
  });
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 20 });
});

const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
};

const detected = async (): Promise<string[]> =>
  (await checks.detect(path)).map(({ name, command }) => `${name}: ${command}`);

const answering = (results: Readonly<Record<string, Partial<SandboxResult>>>): Sandbox => ({
  name: 'fake',
  confines: true,
  run: async ({ command }) => ({
    exitCode: 0,
    signal: null,
    output: '',
    timedOut: false,
    truncated: false,
    durationMs: 5,
    limit: null,
    ...results[String(command)],
  }),
});

const run = (sandbox: Sandbox | null): Promise<readonly CheckOutcome[]> =>
  checks.run({ path, gitDirectory: join(path, '.git'), repositoryPath: join(path, '.git') }, sandbox, {
    timeoutMs: 60_000,
    signal,
  });

const passing = "import test from 'node:test';\ntest('one', () => {});\ntest('two', () => {});\n";
const failing =
  "import test from 'node:test';\ntest('one', () => {});\ntest('two', () => { throw new Error('no'); });\n";

describe('finding the project’s own commands', () => {
  it('finds none where there are none', async () => {
    expect(await detected()).toEqual([]);
    expect(await run(answering({}))).toEqual([]);
  });

  it('reads package.json, and takes npm’s placeholder for what it is', async () => {
    await write({
      'package.json': JSON.stringify({ scripts: { test: 'node --test', lint: 'x', build: 'y', start: 'z' } }),
    });
    expect(await detected()).toEqual(['build: npm run build', 'lint: npm run lint', 'test: npm test']);
    await write({
      'package.json': JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }),
      'yarn.lock': '',
    });
    expect(await detected()).toEqual([]);
    await write({ 'package.json': JSON.stringify({ scripts: { test: 'x' } }) });
    expect(await detected()).toEqual(['test: yarn test']);
    await write({ 'package.json': '{ broken' });
    expect(await detected()).toEqual(['test: yarn test']);
    await write({ 'package.json': '{"scripts": 7}' });
    expect(await detected()).toEqual([]);
  });

  it('knows the other languages', async () => {
    await write({ 'go.mod': 'module x\n' });
    expect(await detected()).toEqual(['build: go build ./...', 'test: go test -v ./...']);
    await rm(join(path, 'go.mod'));
    await write({ 'Cargo.toml': '' });
    expect(await detected()).toEqual(['test: cargo test --offline']);
    await rm(join(path, 'Cargo.toml'));
    await write({ 'tests/test_one.py': '' });
    expect(await detected()).toEqual(['test: python3 -m pytest']);
    await rm(join(path, 'tests'), { recursive: true });
    await write({ Makefile: 'all:\n\ntest: all\n\techo\n' });
    expect(await detected()).toEqual(['test: make test']);
    await write({ Makefile: 'test := x\ncheck:\n\techo\n' });
    expect(await detected()).toEqual(['test: make check']);
    await write({ 'test/one.test.js': '' });
    expect(await detected()).toEqual(['test: node --test']);
  });

  it('looks into folders when the top has nothing, and keeps two languages apart', async () => {
    const script = JSON.stringify({ scripts: { test: 'x' } });
    await write({
      'server/package.json': script,
      'client/package.json': script,
      'node_modules/a/package.json': script,
    });
    expect(await detected()).toEqual(['client:test: npm test', 'server:test: npm test']);
    await write({ 'package.json': script, 'test_a.py': '' });
    expect(await detected()).toEqual(['test: npm test', 'test (pytest): python3 -m pytest']);
  });
});

describe('running them', () => {
  it('is unavailable, never passed, without a sandbox', async () => {
    await write({ 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) });
    expect(await run(null)).toMatchObject([
      { name: 'test', outcome: 'unavailable', output: expect.stringContaining('sandbox') },
    ]);
  });

  it('is unavailable when dependencies are not installed, or the toolchain is not there', async () => {
    await write({
      'package.json': JSON.stringify({ scripts: { test: 'jest' }, devDependencies: { jest: '1' } }),
    });
    expect(await run(answering({}))).toMatchObject([
      { outcome: 'unavailable', output: expect.stringContaining('node_modules') },
    ]);
    await mkdir(join(path, 'node_modules'));
    expect(await run(answering({}))).toMatchObject([{ outcome: 'passed' }]);
    expect(await run(answering({ 'command -v npm': { exitCode: 127 } }))).toMatchObject([
      { outcome: 'unavailable' },
    ]);
  });

  it('fails what fails, runs out of time or hides its failures', async () => {
    await write({ 'package.json': JSON.stringify({ scripts: { test: 'x' } }) });
    const result = async (of: Partial<SandboxResult>) => (await run(answering({ 'npm test': of })))[0];
    expect(await result({ exitCode: 1, output: '# pass 2\n# fail 1\n' })).toMatchObject({
      outcome: 'failed',
      passed: 2,
      failed: 1,
      exitCode: 1,
    });
    expect(await result({ exitCode: 0, output: '# pass 2\n# fail 1\n' })).toMatchObject({
      outcome: 'failed',
    });
    expect(await result({ exitCode: null, timedOut: true })).toMatchObject({
      outcome: 'failed',
      output: expect.stringContaining('too long'),
    });
    expect(await result({ exitCode: 0, output: 'fine' })).toMatchObject({
      outcome: 'passed',
      passed: null,
      failed: null,
    });
  });

  it('tells missing dependencies from failing work', async () => {
    await write({ 'go.mod': 'module x\n' });
    const output = 'main.go:3:8: module lookup disabled by GOPROXY=off';
    const outcomes = await run(
      answering({
        'go build ./...': { exitCode: 1, output },
        'go test -v ./...': { exitCode: 1, output: '--- FAIL: TestA (0.00s)\n' },
      }),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['unavailable', 'failed']);
  });

  it('really runs a project’s tests, confined, and counts them', async () => {
    const { sandbox } = await detectSandbox('off', signal);
    await write({
      'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node --test' } }),
      'test/a.test.js': passing,
    });
    expect(await run(sandbox)).toMatchObject([
      { name: 'test', outcome: 'passed', exitCode: 0, passed: 2, failed: 0 },
    ]);
    await write({ 'test/a.test.js': failing });
    expect(await run(sandbox)).toMatchObject([{ outcome: 'failed', exitCode: 1, passed: 1, failed: 1 }]);
  });
});

describe('counting tests', () => {
  it.each([
    ['node:test, TAP', '1..2\n# tests 3\n# pass 2\n# fail 1\n# cancelled 0\n', 2, 1],
    ['node:test, spec', 'ℹ tests 3\nℹ pass 3\nℹ fail 0\n', 3, 0],
    ['Jest', 'Test Suites: 1 failed, 1 total\nTests:       1 failed, 2 skipped, 5 passed, 8 total\n', 5, 1],
    ['Jest in colour', '\u001b[1mTests:       \u001b[22m\u001b[32m5 passed\u001b[39m, 5 total\n', 5, 0],
    ['Vitest', ' Test Files  1 passed (1)\n      Tests  1 failed | 5 passed (6)\n', 5, 1],
    ['Mocha', '  5 passing (3ms)\n  1 failing\n', 5, 1],
    ['pytest', '===== 3 failed, 5 passed, 2 errors in 0.12s =====\n', 5, 5],
    ['pytest, quiet', '..\n2 passed in 0.01s\n', 2, 0],
    ['unittest', 'Ran 5 tests in 0.001s\n\nFAILED (failures=1, errors=1)\n', 3, 2],
    ['unittest, well', 'Ran 1 test in 0.001s\n\nOK\n', 1, 0],
    [
      'go',
      '=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/sub (0.00s)\n--- FAIL: TestB (0.00s)\n',
      1,
      1,
    ],
    [
      'cargo',
      'test result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n',
      3,
      1,
    ],
  ])('reads %s', (_name, output, passed, failed) => {
    expect(readTestCounts(output)).toEqual({ passed, failed });
  });

  it('claims nothing about other output', () => {
    expect(readTestCounts('all good, 5 things passed the gate\nTests are fine\n')).toBeNull();
  });
});
