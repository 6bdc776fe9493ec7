import { execFileSync } from 'node:child_process';
import { chmod, link, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { toolPlace } from './testing/tool-place.ts';

const place = toolPlace();
const { use, inTree, content } = place;

describe('reading', () => {
  it('numbers lines, from where it is asked to', async () => {
    expect((await use('read_file', { path: 'src/index.js' })).text).toBe(
      '    1\tconst one = 1;\n    2\tconst two = 2;',
    );
    expect((await use('read_file', { path: 'src/index.js', offset: 2, limit: 5 })).text).toBe(
      '    2\tconst two = 2;',
    );
    expect(await use('read_file', { path: 'src/index.js', offset: 9 })).toMatchObject({ outcome: 'failed' });
  });

  it('says what is not text, not there, not a file, or too much', async () => {
    await writeFile(inTree('binary'), Buffer.from([1, 0, 2]));
    await writeFile(inTree('empty'), '');
    await writeFile(inTree('big'), 'line\n'.repeat(5_000));
    execFileSync('mkfifo', [inTree('pipe')]);
    expect((await use('read_file', { path: 'binary' })).text).toContain('binary file of 3 bytes');
    expect((await use('read_file', { path: 'empty' })).text).toContain('is empty');
    expect((await use('read_file', { path: 'big' })).text).toContain('the first 10000 of 25000 bytes');
    expect(await use('read_file', { path: 'nothing' })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('list_files'),
    });
    expect(await use('read_file', { path: 'src' })).toMatchObject({
      text: expect.stringContaining('directory'),
    });
    expect(await use('read_file', { path: 'README.md/x' })).not.toMatchObject({ outcome: 'succeeded' });
    expect(await use('read_file', { path: 'pipe' })).not.toMatchObject({ outcome: 'succeeded' });
  });
});

describe('writing', () => {
  it('makes files with their directories, replaces them, and keeps their mode', async () => {
    expect(await use('write_file', { path: 'a/b/c.sh', content: 'one' })).toMatchObject({
      outcome: 'succeeded',
    });
    await chmod(inTree('a/b/c.sh'), 0o755);
    await use('write_file', { path: 'a/b/c.sh', content: 'two' });
    expect(await content('a/b/c.sh')).toBe('two');
    expect((await stat(inTree('a/b/c.sh'))).mode & 0o777).toBe(0o755);
    expect(await readdir(inTree('a/b'))).toEqual(['c.sh']);
  });

  it('does not write through a second name of a file elsewhere', async () => {
    await link(join(place.outside, 'secret.txt'), inTree('hard'));
    await use('write_file', { path: 'hard', content: 'changed' });
    expect(await readFile(join(place.outside, 'secret.txt'), 'utf8')).toBe('canary');
  });

  it('refuses what is too large, and what is a directory', async () => {
    expect(await use('write_file', { path: 'big', content: 'ä'.repeat(6_000) })).toMatchObject({
      outcome: 'failed',
    });
    expect(await use('write_file', { path: 'src', content: 'x' })).toMatchObject({ outcome: 'refused' });
    expect(await use('write_file', { path: '.', content: 'x' })).toMatchObject({ outcome: 'refused' });
    expect(await use('write_file', { path: 'README.md/x', content: 'x' })).not.toMatchObject({
      outcome: 'succeeded',
    });
  });
});

describe('editing', () => {
  it('replaces exactly one piece, with nothing in it special', async () => {
    expect(
      await use('edit_file', { path: 'src/index.js', find: 'one = 1', replace: '$& = $1' }),
    ).toMatchObject({ outcome: 'succeeded' });
    expect(await content('src/index.js')).toBe('const $& = $1;\nconst two = 2;\n');
  });

  it('says when the piece is not there, nearly there, or there more than once', async () => {
    const edit = (find: string, all?: boolean) =>
      use('edit_file', { path: 'src/index.js', find, replace: 'let', ...(all === undefined ? {} : { all }) });
    expect((await edit('three')).text).toContain('is not in');
    expect((await edit('const  one')).text).toContain('other spaces');
    expect((await edit('const')).text).toContain('2 times');
    expect((await edit('const', true)).outcome).toBe('succeeded');
    expect(await content('src/index.js')).toBe('let one = 1;\nlet two = 2;\n');
    expect(await edit('let')).toMatchObject({ outcome: 'failed' });
  });

  it('is made once when a crash came before its result was recorded', async () => {
    const input = { path: 'src/index.js', find: 'one', replace: 'zone' };
    const toolCallId = 'the-same-call';
    expect(await use('edit_file', input, { toolCallId })).toMatchObject({ outcome: 'succeeded' });
    expect(await use('edit_file', input, { toolCallId }, true)).toMatchObject({ outcome: 'succeeded' });
    expect(await content('src/index.js')).toContain('const zone = 1;');
    expect(await use('edit_file', input)).toMatchObject({ outcome: 'succeeded' });
    expect(await content('src/index.js')).toContain('const zzone = 1;');
  });

  it('is made when the crash came between its announcement and the edit', async () => {
    const input = { path: 'src/index.js', find: 'one', replace: 'uno' };
    const before = await content('src/index.js');
    await use('edit_file', input, { toolCallId: 'announced' });
    await writeFile(inTree('src/index.js'), before);
    await use('edit_file', input, { toolCallId: 'announced' }, true);
    expect(await content('src/index.js')).toContain('const uno = 1;');
  });

  it('leaves what is no text alone', async () => {
    await writeFile(inTree('latin1.txt'), Buffer.from([0x61, 0xe4, 0x0a]));
    expect(await use('edit_file', { path: 'latin1.txt', find: 'a', replace: 'b' })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('UTF-8'),
    });
  });
});

describe('finding', () => {
  it('lists what git would, in order, new files too', async () => {
    await writeFile(inTree('ignored.txt'), 'x');
    await writeFile(inTree('new ü.txt'), 'x');
    await rm(inTree('README.md'));
    expect((await use('list_files', {})).text).toBe('.gitignore\nnew ü.txt\nsrc/index.js');
    expect((await use('list_files', { path: 'src' })).text).toBe('src/index.js');
    expect((await use('list_files', { limit: 1 })).text).toContain('and 2 more');
    expect((await use('list_files', { path: '*' })).text).toContain('no files');
  });

  it('searches text and expressions, and not what is ignored or a link', async () => {
    await writeFile(inTree('ignored.txt'), 'const canary');
    await writeFile(inTree('new.txt'), 'const new\n');
    await symlink(join(place.outside, 'secret.txt'), inTree('leak'));
    expect((await use('search_files', { pattern: 'const' })).text.split('\n')).toHaveLength(3);
    expect((await use('search_files', { pattern: 'canary' })).text).toBe('Nothing was found.');
    expect((await use('search_files', { pattern: 'two = [0-9]', regex: true })).text).toBe(
      'src/index.js:2:const two = 2;',
    );
    expect((await use('search_files', { pattern: 'two = [0-9]' })).text).toBe('Nothing was found.');
    expect((await use('search_files', { pattern: 'CONST', ignore_case: true, limit: 1 })).text).toContain(
      'further lines',
    );
    expect(await use('search_files', { pattern: '(', regex: true })).toMatchObject({ outcome: 'failed' });
    expect(await use('search_files', { pattern: '--open-files-in-pager=touch /tmp/x' })).toMatchObject({
      outcome: 'succeeded',
    });
  });
});
