import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as nextTurn } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository } from '@partitura/shared/repositories';
import type { Sandbox, SandboxCommand, SandboxResult } from '../port.ts';

const identity = { name: 'Test', email: 'test@partitura.invalid' };

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

/** Resolves once a command has made the file. */
export const appeared = async (path: string): Promise<void> => {
  while (!existsSync(path)) await nextTurn(5);
};

/** What every sandbox has to guarantee that says it confines. */
export const describeSandbox = (name: string, open: () => Promise<Sandbox>): void => {
  describe(`sandbox: ${name}`, () => {
    let sandbox: Sandbox;
    let base = '';
    let tree = '';

    beforeAll(async () => {
      sandbox = await open();
    });

    beforeEach(async () => {
      base = await realpath(await mkdtemp(join(tmpdir(), 'partitura-sandbox-')));
      tree = join(base, 'tree');
      await createRepository(tree, { files: { 'README.md': '# Tree\n' }, message: 'Begin', identity });
      await mkdir(join(base, 'outside'));
      await writeFile(join(base, 'outside/secret'), 'canary');
    });

    afterEach(async () => {
      await rm(base, { recursive: true, force: true, maxRetries: 20 });
    });

    const run = (
      command: string | readonly string[],
      changes: Partial<SandboxCommand> = {},
    ): Promise<SandboxResult> =>
      sandbox.run({
        command,
        cwd: tree,
        writable: [tree],
        readOnly: [join(tree, '.git')],
        environment: {},
        timeoutMs: 15_000,
        maxOutputBytes: 50_000,
        network: false,
        signal: new AbortController().signal,
        ...changes,
      });

    it('runs a command in the work tree, and what it writes stays', async () => {
      const result = await run('echo hello > made.txt && cat README.md made.txt && pwd');
      expect(result).toMatchObject({
        exitCode: 0,
        timedOut: false,
        truncated: false,
        signal: null,
        limit: null,
      });
      expect(result.output).toBe(`# Tree\nhello\n${tree}\n`);
      expect(await readFile(join(tree, 'made.txt'), 'utf8')).toBe('hello\n');
    });

    it('takes a list as it is, without a shell', async () => {
      const result = await run(['printf', '%s|', 'a b', '$HOME', "it's", '']);
      expect(result.output).toBe("a b|$HOME|it's||");
    });

    it('answers the exit code, and both outputs in the order they came', async () => {
      const result = await run('echo one; echo two >&2; echo three; exit 7');
      expect(result).toMatchObject({ exitCode: 7, output: 'one\ntwo\nthree\n' });
    });

    it('reports a program that is not there as a shell does', async () => {
      expect(await run(['no-such-program'])).toMatchObject({ exitCode: 127 });
    });

    it('lets nothing be written outside', async () => {
      const places = ['/usr/new', '/etc/new', `${homedir()}/new`, '/var/new', '/bin/new', '/new'];
      const all = [join(base, 'outside/new'), join(base, 'new'), ...places];
      await run(all.map((place) => `echo x > ${place}`).join('; '));
      expect(await readdir(base)).toEqual(['outside', 'tree']);
      expect(await readdir(join(base, 'outside'))).toEqual(['secret']);
      for (const place of places) await expect(readFile(place)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('shows nothing of the home directory, of other directories, of other processes', async () => {
      const canary = await mkdtemp(join(homedir(), '.partitura-canary-'));
      await writeFile(join(canary, 'id_ed25519'), 'canary');
      try {
        const result = await run(
          `cat ${canary}/id_ed25519 ${base}/outside/secret ../outside/secret /proc/1/root${canary}/id_ed25519; ls -a ${homedir()}; ls ~; echo HOME=$HOME; cat /proc/${process.pid}/cmdline`,
        );
        expect(result.output).not.toMatch(/^canary/m);
        expect(result.output).not.toMatch(/^\.partitura-canary|^\.ssh/m);
        expect(result.output).toContain('HOME=/home/agent');
        expect(result.output).not.toContain('node');
      } finally {
        await rm(canary, { recursive: true });
      }
    });

    it('reaches no network, not even this machine', async () => {
      let connections = 0;
      const server = createServer((socket) => {
        connections += 1;
        socket.end();
      });
      const port = await listening(server);
      const connect = (host: string) =>
        `require('net').connect(${port}, '${host}').on('connect', () => console.log('REACHED')).on('error', (e) => console.log(e.code))`;
      try {
        for (const host of ['127.0.0.1', '::ffff:127.0.0.1']) {
          const result = await run(['node', '-e', connect(host)]);
          expect(result.output).not.toContain('REACHED');
          expect(result.output).toMatch(/^E[A-Z]+/);
        }
        expect(connections).toBe(0);
      } finally {
        server.close();
      }
    });

    it('has a loopback of its own, for tests that start a server', async () => {
      const script = `const s=require('net').createServer(c=>c.end('hi')).listen(0,'127.0.0.1',()=>require('net').connect(s.address().port,'127.0.0.1').on('data',d=>{console.log(String(d));s.close()}))`;
      expect(await run(['node', '-e', script])).toMatchObject({ output: 'hi\n', exitCode: 0 });
    });

    it('keeps the git directory as it is, and lets it be read', async () => {
      const result = await run(
        'git log --format=%s; git commit --allow-empty -m x; touch .git/hooks-x; mv .git gone; rm -rf .git; ln -sfn /tmp .git; echo evil > .git/config; git status --short',
      );
      expect(result.output).toContain('Begin');
      expect(await readdir(join(tree, '.git'))).toContain('HEAD');
      expect(await readdir(join(tree, '.git'))).not.toContain('hooks-x');
      expect(await readFile(join(tree, '.git/config'), 'utf8')).not.toContain('evil');
    });

    it('keeps a `.git` file as it is, too', async () => {
      const link = join(base, 'linked');
      await mkdir(link);
      await writeFile(join(link, '.git'), `gitdir: ${tree}/.git\n`);
      const result = await run('rm -f .git; echo x > .git; mv .git y; git log --format=%s', {
        cwd: link,
        writable: [link],
        readOnly: [join(link, '.git'), join(tree, '.git')],
      });
      expect(result.output).toContain('Begin');
      expect(await readFile(join(link, '.git'), 'utf8')).toBe(`gitdir: ${tree}/.git\n`);
    });

    it('gives the environment it is told to, and nothing of ours', async () => {
      process.env.PARTITURA_TEST_SECRET = 'sk-canary';
      try {
        const result = await run('env', { environment: { CI: 'true' } });
        expect(result.output).toContain('CI=true\n');
        expect(result.output).not.toContain('canary');
        expect(result.output).toContain('\nHOME=/home/agent\n');
      } finally {
        delete process.env.PARTITURA_TEST_SECRET;
      }
    });

    it('does not follow a link that leads out', async () => {
      await symlink(join(base, 'outside'), join(tree, 'way-out'));
      const result = await run('cat way-out/secret; echo x > way-out/new');
      expect(result.output).not.toMatch(/^canary/m);
      expect(await readdir(join(base, 'outside'))).toEqual(['secret']);
    });

    it('does not show what a link in the work tree points to, though it was asked to', async () => {
      await symlink(join(base, 'outside'), join(tree, 'shown'));
      await expect(run('cat shown/secret', { readOnly: [join(tree, 'shown')] })).rejects.toMatchObject({
        code: 'SANDBOX_FAILED',
      });
      await expect(run('true', { cwd: base })).rejects.toMatchObject({ code: 'SANDBOX_FAILED' });
    });

    it('gives no rights back: no capability, no mount, no kernel setting', async () => {
      const result = await run(
        'grep -E "^Cap(Prm|Eff|Bnd|Inh):" /proc/self/status; mount -t tmpfs x /mnt; umount /proc; mount -o remount,rw /usr; touch /usr/x; for file in /proc/sys/vm/drop_caches /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/mtrr; do (: >> $file) 2>/dev/null && echo WROTE $file; done; ls /proc/sys > /dev/null || echo NONE; mknod /tmp/disk b 8 0 && echo WROTE; grep NoNewPrivs /proc/self/status',
      );
      expect(result.output).not.toContain('WROTE');
      expect(result.output.match(/^Cap\w+:\t0+$/gm)).toHaveLength(4);
      expect(result.output).toContain('NoNewPrivs:\t1');
      await expect(readFile('/usr/x')).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('ends a command whose time is up', async () => {
      expect(await run('sleep 1000', { timeoutMs: 200 })).toMatchObject({ timedOut: true });
    });

    it('ends the whole tree of processes, those that hid included', async () => {
      const controller = new AbortController();
      const script = `(setsid sh -c 'while :; do date +%N > ${tree}/beat; sleep 0.02; done' >/dev/null 2>&1 &) ; (sleep 1000 &) ; sleep 1000`;
      const running = run(script, { signal: controller.signal });
      await appeared(join(tree, 'beat'));
      controller.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
      await rm(join(tree, 'beat'), { force: true });
      // Another command, started and ended, while a survivor would go on writing.
      await run('sleep 0.2');
      expect(await readdir(tree)).toEqual(['.git', 'README.md']);
    });

    it('leaves nothing running when the command ends by itself', async () => {
      const result = await run(
        `(setsid sh -c 'while :; do date +%N > ${tree}/beat; sleep 0.02; done' & ) ; echo done`,
      );
      expect(result).toMatchObject({ exitCode: 0, output: 'done\n', timedOut: false });
      await rm(join(tree, 'beat'), { force: true });
      await run('sleep 0.2');
      expect(await readdir(tree)).toEqual(['.git', 'README.md']);
    });

    it('stops at the signal, and does not start after it', async () => {
      const controller = new AbortController();
      const running = run('echo x > begun; sleep 1000', { signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
      await expect(run('true', { signal: controller.signal })).rejects.toThrow('enough');
    });

    it('keeps the head and the tail of too much output', async () => {
      const result = await run('echo first; yes filler | head -c 5000000; echo last', {
        maxOutputBytes: 2_000,
      });
      expect(result.truncated).toBe(true);
      expect(result.output.length).toBeLessThan(2_200);
      expect(result.output).toMatch(/^first\n[\s\S]*bytes of output left out[\s\S]*last\n$/);
    });

    it('bounds how many processes there are', async () => {
      // Sleeping ones, one after the other: a bomb that no limit stops must not take this machine with it.
      const result = await run(
        'i=0; while [ $i -lt 1500 ]; do sleep 1000 & i=$((i+1)); done; echo all of them',
        {
          maxOutputBytes: 1_000,
        },
      );
      expect(result.output).not.toContain('all of them');
      expect(result.timedOut).toBe(false);
      expect(await run('echo still well')).toMatchObject({ output: 'still well\n' });
    });

    it('has a place for temporary files that is gone afterwards', async () => {
      await run('echo x > /tmp/partitura-left && echo x > ~/left');
      expect((await run('ls /tmp ~')).output).not.toContain('left');
      await expect(readFile('/tmp/partitura-left')).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('finds the tools that are installed', async () => {
      expect(await run('node --version && npm --version && git --version')).toMatchObject({ exitCode: 0 });
    });
  });
};
