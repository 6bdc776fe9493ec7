import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../runtime/index.ts';
import { dataPaths } from './data-paths.ts';
import { installationSecrets } from './installation-secrets.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'partitura-secrets-'));
});
afterEach(() => rm(data, { recursive: true }));

const secretsOf = async (environment: Readonly<Record<string, string>> = {}, alone = true) => {
  const { values } = await loadConfiguration({
    environment: { PARTITURA_DATA: data, ...environment },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  return installationSecrets({ configuration: values, paths: alone ? dataPaths(data, values) : null });
};

describe('the secret key of an installation', () => {
  it('is made once, for its owner alone, also by several that start at once', async () => {
    const made = await Promise.all([secretsOf(), secretsOf(), secretsOf()]);
    expect(new Set(made.map(({ current }) => current)).size).toBe(1);
    expect(made[0]?.current).toMatch(/^[0-9a-f]{64}$/);
    expect(await secretsOf()).toEqual(made[0]);
    expect((await stat(join(data, 'secret-key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(data)).toEqual(['secret-key']);
  });

  it('is the one that was given, and makes none then', async () => {
    const [current, previous] = ['c'.repeat(32), 'p'.repeat(32)];
    const given = { PARTITURA_SECRET_KEY: current, PARTITURA_PREVIOUS_SECRET_KEY: previous };
    expect(await secretsOf(given, false)).toEqual({ current, previous });
    expect(await secretsOf(given)).toEqual({ current, previous });
    expect(await readdir(data)).toEqual([]);
    await expect(secretsOf({ PARTITURA_SECRET_KEY: 'short' })).rejects.toThrow('PARTITURA_SECRET_KEY');
  });

  it('has to be given to services of several processes', async () => {
    await expect(secretsOf({}, false)).rejects.toMatchObject({
      code: 'KEYS_REQUIRED',
      message: expect.stringContaining('PARTITURA_SECRET_KEY'),
    });
  });

  it('is not made again where a file is cut off: what was sealed would be lost', async () => {
    await writeFile(join(data, 'secret-key'), 'abc');
    await expect(secretsOf()).rejects.toMatchObject({ code: 'SECRET_KEY_UNUSABLE' });
    expect(await readFile(join(data, 'secret-key'), 'utf8')).toBe('abc');
  });
});
