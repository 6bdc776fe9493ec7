import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bubblewrap } from './bubblewrap.ts';
import { detectSandbox } from './detect.ts';
import { outputCollector } from './output.ts';
import type { Sandbox } from './port.ts';
import { appeared, describeSandbox } from './testing/sandbox-contract.ts';
import { findToolchains } from './toolchains.ts';
import { unshare } from './unshare.ts';

const { signal } = new AbortController();
const outer = { path: process.env.PATH ?? '', home: homedir(), variables: process.env };
const toolchains = await findToolchains(outer, process.execPath);

/** Adapters that cannot work on this machine have nothing to guarantee here; the detection is tested all the same. */
const works = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

if (works('bwrap', '--unshare-all', '--ro-bind', '/', '/', 'true')) {
  describeSandbox('bubblewrap', async () => bubblewrap('bwrap', toolchains));
}
if (
  works('unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', 'true') &&
  works('setpriv', '--version')
) {
  describeSandbox('unshare', async () => unshare(toolchains));
}

const withPath = async <Result>(path: string, work: () => Promise<Result>): Promise<Result> => {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
  }
};

describe('without a sandbox, by the operator’s choice', () => {
  const inTree = async (work: (sandbox: Sandbox, tree: string) => Promise<void>): Promise<void> => {
    const tree = await realpath(await mkdtemp(join(tmpdir(), 'partitura-unconfined-')));
    const { sandbox } = await detectSandbox('off', signal);
    if (sandbox === null) throw new Error('the operator’s choice is always to be had');
    try {
      await work(sandbox, tree);
    } finally {
      await rm(tree, { recursive: true, force: true, maxRetries: 20 });
    }
  };
  const defaults = {
    readOnly: [],
    environment: {},
    timeoutMs: 10_000,
    maxOutputBytes: 1_000,
    network: false,
    signal,
  };

  it('says what it is', () =>
    inTree(async (sandbox) => {
      expect(sandbox).toMatchObject({ name: 'none (operator’s choice)', confines: false });
    }));

  it('scrubs the environment all the same', () =>
    inTree(async (sandbox, tree) => {
      process.env.PARTITURA_TEST_SECRET = 'canary';
      const result = await sandbox.run({ ...defaults, command: 'env; ls -a ~', cwd: tree, writable: [tree] });
      delete process.env.PARTITURA_TEST_SECRET;
      expect(result.exitCode).toBe(0);
      expect(result.output).not.toContain('canary');
      expect(result.output).not.toContain('.ssh');
    }));

  it('ends those that left their group and their parent', () =>
    inTree(async (sandbox, tree) => {
      const controller = new AbortController();
      const command = `(setsid sh -c 'while :; do date +%N > ${tree}/beat; sleep 0.02; done' >/dev/null 2>&1 &); sleep 1000`;
      const running = sandbox.run({
        ...defaults,
        command,
        cwd: tree,
        writable: [tree],
        signal: controller.signal,
      });
      await appeared(join(tree, 'beat'));
      controller.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
      await rm(join(tree, 'beat'), { force: true });
      await sandbox.run({ ...defaults, command: 'sleep 0.2', cwd: tree, writable: [tree] });
      expect(await readdir(tree)).toEqual([]);
    }));
});

describe('detecting a sandbox', () => {
  it('fails closed when there is none', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'partitura-no-programs-'));
    const detected = await withPath(empty, () => detectSandbox('required', signal)).finally(() =>
      rm(empty, { recursive: true }),
    );
    if (detected.sandbox === null) expect(detected.problem).toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
    else expect(detected.sandbox.confines).toBe(true);
  });

  it('does not run a command whose confinement could not be set up', async () => {
    const tree = await realpath(await mkdtemp(join(tmpdir(), 'partitura-failing-')));
    const command = {
      cwd: tree,
      writable: [tree],
      readOnly: [],
      environment: {},
      timeoutMs: 10_000,
      maxOutputBytes: 1_000,
      network: false,
      signal,
    };
    const run = async (sandbox: Sandbox) =>
      await sandbox.run({ ...command, command: `touch ${tree}/ran`, writable: [tree, join(tree, 'gone')] });
    for (const sandbox of [bubblewrap('bwrap', toolchains), unshare(toolchains)]) {
      await expect(run(sandbox)).rejects.toMatchObject({ code: 'SANDBOX_FAILED' });
    }
    expect(await readdir(tree)).toEqual([]);
    await rm(tree, { recursive: true });
  });

  it('does not take a program for a sandbox because of its name', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'partitura-fake-'));
    await writeFile(join(directory, 'bwrap'), '#!/bin/sh\nexec /bin/true\n', { mode: 0o755 });
    const detected = await withPath(directory, () => detectSandbox('required', signal)).finally(() =>
      rm(directory, { recursive: true }),
    );
    expect(detected.sandbox?.name).not.toBe('bubblewrap');
  });
});

describe('toolchains', () => {
  it('never show the home directory, nor what only happens to be on PATH', async () => {
    const found = await findToolchains(
      { path: `/:${homedir()}:${homedir()}/..:.:/tmp:/usr/bin`, home: homedir(), variables: {} },
      '/usr/bin/node',
    );
    expect(found.environment.PATH).toBe('/usr/bin');
    expect(found.paths).toEqual([]);
  });
});

describe('collected output', () => {
  it('is whole up to its limit, and head and tail beyond it, however it comes', () => {
    for (const size of [1, 3, 7, 100_000]) {
      const text = Array.from({ length: 30_000 }, (_, index) => `${index}\n`).join('');
      const collector = outputCollector(1_000);
      for (let at = 0; at < text.length; at += size) collector.add(Buffer.from(text.slice(at, at + size)));
      expect(collector.text()).toMatch(/^0\n1\n[\s\S]*29998\n29999\n$/);
      expect(collector.text()).toContain(`[… ${text.length - 1_000} bytes of output left out …]`);
    }
    const exact = outputCollector(10);
    exact.add(Buffer.from('0123456789'));
    expect(exact.text()).toBe('0123456789');
    expect(exact.truncated()).toBe(false);
  });
});
