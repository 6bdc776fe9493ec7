import { describe, expect, it } from '@jest/globals';
import { requireFilePath } from './file-path.ts';
import { type Use, whoWrote } from './writing.ts';

const write = (toolCallId: string, path: string, content: string): Use => ({
  toolCallId,
  tool: 'write_file',
  arguments: { path, content },
});
const edit = (toolCallId: string, find: string, replace: string, all?: boolean): Use => ({
  toolCallId,
  tool: 'edit_file',
  arguments: { path: 'a.ts', find, replace, ...(all === undefined ? {} : { all }) },
});
const command = (toolCallId: string): Use => ({
  toolCallId,
  tool: 'run_command',
  arguments: { command: 'format' },
});
const who = (line: string, before: string | null, ...uses: readonly Use[]) =>
  whoWrote(uses, { path: 'a.ts', line, before });
const wrote = (toolCallId: string) => ({ toolCallId, certainty: 'wrote' });

describe('who wrote a line', () => {
  it('is the call with which it came, not a later one that wrote the file again', () => {
    const uses = [write('1', 'a.ts', 'one\ntwo\n'), write('2', './a.ts', 'one\ntwo\nthree\n')];
    expect(who('two', null, ...uses)).toEqual(wrote('1'));
    expect(who('three', null, ...uses)).toEqual(wrote('2'));
  });

  it('is the last with which it came, where it went in between', () => {
    const uses = [write('1', 'a.ts', 'one\n'), write('2', 'a.ts', '\n'), write('3', 'a.ts', 'one\r\n')];
    expect(who('one', null, ...uses)).toEqual(wrote('3'));
  });

  it('is an edit that changed a piece of the line only, and not one of another file', () => {
    const other = write('0', 'b.ts', 'const limit = 20;\n');
    expect(who('const limit = 20;', 'const limit = 10;\n', other, edit('1', '10', '20'))).toEqual(wrote('1'));
    expect(who('x 2', 'x 1\ny 1\n', edit('1', '1', '2', true))).toEqual(wrote('1'));
  });

  it('is found through an edit of what a command had made, whose content nobody knows', () => {
    const uses = [command('1'), edit('2', 'made by the command', 'a line of its own')];
    expect(who('a line of its own', 'old\n', ...uses)).toEqual(wrote('2'));
  });

  it('is not claimed where only the file was written, or only a command was run', () => {
    const uses = [command('1'), write('2', 'a.ts', 'one\n'), command('3')];
    expect(who('formatted', null, ...uses)).toEqual({ toolCallId: '2', certainty: 'touched' });
    expect(who('formatted', null, command('3'))).toEqual({ toolCallId: '3', certainty: 'command' });
    expect(who('formatted', null, write('2', 'b.ts', 'formatted\n'))).toBeNull();
  });

  it('takes arguments of the wrong shape for what they are: of no file', () => {
    expect(who('one', null, { toolCallId: '1', tool: 'write_file', arguments: 'nonsense' })).toBeNull();
  });
});

describe('the path of a file', () => {
  it('is put right where that is harmless', () => {
    expect(requireFilePath('./src//app.ts')).toBe('src/app.ts');
    expect(requireFilePath('src/a:b c"ü.ts')).toBe('src/a:b c"ü.ts');
  });

  it.each([
    '/etc/passwd',
    '../x',
    'a/../../x',
    '.',
    '//',
    '~/x',
    'C:\\x',
    '\\\\x',
    '.git/config',
    'a/.GIT/x',
    'a\0b',
    'a\nb',
  ])('refuses %j', (path) => {
    expect(() => requireFilePath(path)).toThrow(expect.objectContaining({ code: 'BAD_PATH' }));
  });
});
