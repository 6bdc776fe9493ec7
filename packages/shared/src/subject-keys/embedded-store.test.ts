import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId } from '../events/index.ts';
import { openEmbeddedSubjectKeys } from './embedded-store.ts';
import { keyBox } from './key-box.ts';
import { keyRing } from './key-ring.ts';
import type { KeptSubject } from './port.ts';
import { subjectKeysContract } from './testing/subject-keys-contract.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-keys-'));
});
afterEach(() => rm(directory, { recursive: true }));
const path = () => join(directory, 'keys.db');

subjectKeysContract('embedded', async () => {
  const opened = [openEmbeddedSubjectKeys({ path: path() })];
  return {
    store: opened[0] ?? openEmbeddedSubjectKeys({ path: path() }),
    another: async () => {
      const other = openEmbeddedSubjectKeys({ path: path() });
      opened.push(other);
      return other;
    },
    close: async () => {
      for (const store of opened) await store.close();
    },
  };
});

const box = keyBox({ current: 'k'.repeat(64), previous: null });
const subject = {
  id: 'sub_0123456789ab',
  organizationId: asOrganizationId('default'),
  key: new Uint8Array(32).fill(7),
  identifiers: ['Ada Lovelace'],
  label: 'Ada',
  declaredAt: '2026-01-01T00:00:00.000Z',
};
const filesWith = async (text: string): Promise<readonly string[]> => {
  const names = await readdir(directory);
  const contents = await Promise.all(names.map((name) => readFile(join(directory, name))));
  return names.filter((_, index) => contents[index]?.includes(text));
};

describe('what is kept of a subject', () => {
  it('says nothing without the installation’s key, and leaves no byte behind', async () => {
    const store = openEmbeddedSubjectKeys({ path: path() });
    const kept = box.seal(subject);
    await store.add(kept);
    const secret = String(kept.secret);
    expect(await filesWith('Lovelace')).toEqual([]);
    expect(await filesWith(secret)).toEqual(['keys.db']);
    await store.erase(subject.id, '2026-02-01T00:00:00.000Z');
    expect(await filesWith(secret.slice(0, 24))).toEqual([]);
    await store.close();
    expect(await filesWith(secret.slice(0, 24))).toEqual([]);
  });

  it('is opened by who has the key, or had it before, and by nobody else', async () => {
    const store = openEmbeddedSubjectKeys({ path: path() });
    await store.add(box.seal(subject));
    const ring = keyRing();
    await ring.attach(store, keyBox({ current: 'n'.repeat(64), previous: 'k'.repeat(64) }));
    expect(ring.list(null)).toEqual([{ ...subject, key: Buffer.from(subject.key) }]);
    await expect(
      keyRing().attach(store, keyBox({ current: 'n'.repeat(64), previous: null })),
    ).rejects.toMatchObject({ code: 'SUBJECT_KEY_NOT_READABLE' });
    await store.close();
  });

  it('is whole or erased when whoever erases is killed, and never half of it', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const said = await killedWhileErasing(round);
      for (const kept of await keptNow()) {
        outcomes.add(kept.erasedAt === null ? 'whole' : 'erased');
        expect([kept.id, await troubleWith(kept, said)]).toEqual([kept.id, null]);
      }
    }
    expect(outcomes).toEqual(new Set(['whole', 'erased']));
  });
});

const program = fileURLToPath(new URL('./testing/erasing-process.ts', import.meta.url));

/** A little later in each round: before, while and after it is erased. What it had said by then. */
const killedWhileErasing = async (round: number): Promise<string> => {
  const child = spawn(process.execPath, [program, path(), String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > round + 1) child.kill('SIGKILL');
  });
  await ended;
  return said;
};

const keptNow = async () => {
  const store = openEmbeddedSubjectKeys({ path: path() });
  const all = await store.all();
  await store.close();
  return all;
};

/** Whoever was told that it is erased can rely on it; and then it is in no journal either. */
const troubleWith = async ({ id, secret, erasedAt }: KeptSubject, said: string): Promise<string | null> => {
  const found = (await filesWith(`secret of ${id}`)).length > 0;
  if (erasedAt !== null) return secret === null && !found ? null : 'erased, and still there';
  if (said.includes(`erased ${id}`)) return 'whole after all';
  return secret === `secret of ${id}`.repeat(50) && found ? null : 'half of it';
};
