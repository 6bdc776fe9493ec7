import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { confinePath, inDirectoryOf } from './confined-path.ts';
import { toolPlace } from './testing/tool-place.ts';

const place = toolPlace();
const { use, inTree } = place;

describe('paths', () => {
  it.each([
    '../outside/secret.txt',
    'src/../../outside/secret.txt',
    '/etc/passwd',
    '~/.ssh/id_ed25519',
    'C:\\Windows',
    '.git',
    '.git/config',
    '.GIT/config',
    'src/../.git',
    '.git ',
    '.git.',
    'git~1',
    '.g\u200cit/config',
    '.git::$INDEX_ALLOCATION/config',
    'a/.git/hooks/pre-commit',
    'a\0b',
    'x'.repeat(5_000),
  ])('refuses %j', async (path) => {
    for (const [tool, input] of [
      ['read_file', { path }],
      ['write_file', { path, content: 'x' }],
      ['edit_file', { path, find: 'a', replace: 'b' }],
      ['list_files', { path }],
      ['search_files', { path, pattern: 'canary' }],
    ] as const) {
      expect({ tool, ...(await use(tool, input)) }).toMatchObject({ outcome: 'refused' });
    }
    expect(await readFile(join(place.outside, 'secret.txt'), 'utf8')).toBe('canary');
  });

  it('follow links within the tree, and none that lead out, at whatever depth', async () => {
    await symlink('src', inTree('inside'));
    await symlink(place.outside, inTree('direct'));
    await symlink('direct', inTree('twice'));
    await symlink(join(place.outside, 'secret.txt'), inTree('file'));
    await symlink(join(place.outside, 'not-yet.txt'), inTree('dangling'));
    await symlink('../../outside/x', inTree('src/relative'));
    await symlink('.git', inTree('sneaky'));
    await symlink('loop', inTree('loop'));
    expect(await use('read_file', { path: 'inside/index.js' })).toMatchObject({ outcome: 'succeeded' });
    for (const path of [
      'direct/secret.txt',
      'direct/new/deep.txt',
      'twice/secret.txt',
      'file',
      'dangling',
      'src/relative',
      'sneaky',
      'loop',
      'loop/x',
    ]) {
      expect({ path, ...(await use('write_file', { path, content: 'x' })) }).not.toMatchObject({
        outcome: 'succeeded',
      });
      expect({ path, ...(await use('read_file', { path })) }).not.toMatchObject({ outcome: 'succeeded' });
    }
    expect(await readdir(place.outside)).toEqual(['secret.txt']);
    expect(await readFile(join(place.outside, 'secret.txt'), 'utf8')).toBe('canary');
  });

  it('lead nowhere outside, whatever tree of links there is', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const target = fc.oneof(
      fc
        .array(fc.constantFrom('a', 'b', 'c', 'd', '..', '.'), { minLength: 1, maxLength: 6 })
        .map((parts) => parts.join('/')),
      fc.constant('OUTSIDE'),
      fc.constant('OUTSIDE/secret.txt'),
      fc.constant('../../..'),
    );
    const entry = fc.record({
      at: fc.array(name, { minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom('link', 'directory', 'file'),
      target,
    });
    const asked = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '..', '.', 'secret.txt', 'outside', 'new'), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), asked, async (entries, parts) => {
        const top = await mkdtemp(join(place.base, 'links-'));
        const tree = { ...place.worktree, path: join(top, 'tree') };
        await mkdir(tree.path);
        await mkdir(join(top, 'outside'));
        await writeFile(join(top, 'outside/secret.txt'), 'canary');
        for (const one of entries) {
          const at = join(tree.path, ...one.at);
          const make = async (): Promise<void> => {
            if (one.kind === 'directory') await mkdir(at, { recursive: true });
            else if (one.kind === 'file') await writeFile(at, 'file', { flag: 'wx' });
            else await symlink(one.target.replace('OUTSIDE', join(top, 'outside')), at);
          };
          // Only what is laid inside of the tree: an earlier link may already lead this one out.
          const parent = await realpath(join(at, '..')).catch(() => '');
          if (parent === tree.path || parent.startsWith(`${tree.path}/`)) await make().catch(() => undefined);
        }
        const path = parts.join('/');
        const read = await use('read_file', { path }, { worktree: tree });
        expect(read.text).not.toContain('canary');
        await use('write_file', { path, content: 'written' }, { worktree: tree });
        await use('edit_file', { path, find: 'canary', replace: 'gone' }, { worktree: tree });
        expect(await readdir(join(top, 'outside'))).toEqual(['secret.txt']);
        expect(await readFile(join(top, 'outside/secret.txt'), 'utf8')).toBe('canary');
        expect((await readdir(top)).sort()).toEqual(['outside', 'tree']);
        await rm(top, { recursive: true, force: true, maxRetries: 20 });
      }),
      { numRuns: 300 },
    );
  });

  it('are held to what they were judged as, though the directory is exchanged meanwhile', async () => {
    await mkdir(inTree('swap'));
    await writeFile(inTree('swap/secret.txt'), 'harmless');
    const judged = await confinePath(place.worktree.path, 'swap/secret.txt');
    await rename(inTree('swap'), inTree('swapped'));
    await symlink(place.outside, inTree('swap'));
    await expect(inDirectoryOf(judged, async () => 'reached')).rejects.toBeDefined();
  });
});
