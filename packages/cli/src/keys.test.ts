import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlace, type Place } from './testing/cli.ts';

const data = ['--data', 'data'];
const keysAsked = { environment: { PARTITURA_AUTH: 'required' } };
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

describe('partitura key', () => {
  it('makes the first key without a server, which then starts, asks for it, and forgets it when it is revoked', async () => {
    const early = await place.run(['up', '--port', '0', ...data], keysAsked);
    expect(early.stderr).toMatch(/error\[KEYS_REQUIRED].*\n.*partitura key create/);
    expect(early.code).toBe(4);

    const made = await place.run(['key', 'create', '--name', 'CI', '--role', 'owner', ...data], keysAsked);
    expect(made.code).toBe(0);
    const key = made.stdout.trim();
    expect(made.stdout).toMatch(/^ptk_[a-z0-9]+_[a-z0-9]+\n$/);
    expect(made.stderr).toContain('shown this once');
    expect(made.stderr).not.toContain(key);
    expect(await written()).not.toContain(key);
    expect(await written()).not.toContain(key.slice(key.lastIndexOf('_') + 1, -6));

    const server = place.start(['up', '--port', '0', ...data], keysAsked);
    await server.said('sandbox');
    const bare = await place.run(['key', 'ls', ...data]);
    expect(bare.stderr).toContain('error[KEY_REQUIRED]');
    expect(bare.code).toBe(4);
    const shown = { environment: { PARTITURA_API_KEY: key } };
    const narrow = ['--scope', 'runs:read,projects:read', '--expires', '30d', '--json'];
    const second = await place.run(['key', 'create', '--name', 'Look', ...narrow, ...data], shown);
    expect(second.code).toBe(0);
    const { id, secret } = JSON.parse(second.stdout);
    expect(secret).toMatch(/^ptk_/);
    const listed = await place.run(['key', 'ls', '--json', ...data], shown);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      items: [
        { id, name: 'Look', role: 'operator', scopes: ['projects:read', 'runs:read'], status: 'active' },
        { name: 'CI', role: 'owner', scopes: null, expiresAt: null },
      ],
    });
    expect(listed.stdout).not.toContain('hash');
    const other = { environment: { PARTITURA_API_KEY: secret } };
    expect((await place.run(['ps', ...data], other)).code).toBe(0);
    const refused = await place.run(['key', 'ls', ...data], other);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('error[ROLE_TOO_LOW]') });
    expect((await place.run(['key', 'revoke', id, ...data], shown)).stdout).toBe(`${id} is revoked.\n`);
    const after = await place.run(['ps', ...data], other);
    expect(after).toMatchObject({ code: 4, stderr: expect.stringContaining('error[KEY_REVOKED]') });
    server.interrupt();
    expect((await server.ended).code).toBe(0);
    expect(await written()).not.toContain(secret);
  });

  it.each([
    [['create', '--name', 'x', '--role', 'king'], /role/],
    [['create', '--name', 'x', '--expires', 'soon'], /30d/],
    [['create', '--name', 'x', '--expires', '2020-01-01'], /to come/],
    [['create'], /--name/],
  ])('%j is refused before anything is opened', async (args, message) => {
    const { code, stderr } = await place.run(['key', ...args, ...data]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});
