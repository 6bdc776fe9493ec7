import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlace, type Place } from './testing/cli.ts';

const data = ['--data', 'data'];
let place: Place;
beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

/** Everything in the data directory, whatever wrote it. */
const written = async (): Promise<string> => {
  const entries = await readdir(join(place.directory, 'data'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
};

describe('partitura subject', () => {
  it('declares, lists and erases, and writes down nowhere who it is', async () => {
    const added = await place.run([
      'subject',
      'add',
      'Ada Lovelace',
      'ada@example.org',
      '--label',
      'Number 1',
      ...data,
    ]);
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^sub_[0-9a-f]{12}\n$/),
      stderr: '',
    });
    const id = added.stdout.trim();
    expect(await written()).not.toMatch(/Lovelace|ada@example|Number 1/);
    const listed = await place.run(['subject', 'ls', ...data]);
    expect(listed.stdout).toMatch(new RegExp(`${id} +Number 1 +declared +2 `));

    const erased = await place.run(['subject', 'erase', id, ...data]);
    expect(erased).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${id} is erased: 0 events and 0 blobs`),
    });
    expect(erased.stderr).toContain('Repositories were not touched');
    const after = JSON.parse((await place.run(['subject', 'ls', '--json', ...data])).stdout);
    expect(after.items).toMatchObject([{ id, status: 'erased', label: null, identifiers: 0 }]);
    const again = await place.run(['subject', 'erase', 'sub_000000000000', ...data]);
    expect(again.stderr).toContain('error[SUBJECT_NOT_FOUND]');
    const short = await place.run(['subject', 'add', 'x', ...data]);
    expect(short.stderr).toContain('at least 3 letters');
  });
});
