import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NativeServer } from '../../../../../infra/native/program.ts';
import { restartable } from '../../../../../infra/native/restartable.ts';
import { startS3 } from '../../../../../infra/native/s3.ts';
import { sha256 } from '../../canonical/index.ts';
import { isTransient } from '../../processing/index.ts';
import { systemClock } from '../../runtime/index.ts';
import { recorder } from '../../runtime/testing/index.ts';
import { type BlobStore, openS3BlobStore } from '../index.ts';
import { blobStoreContract } from '../testing/index.ts';

let directory: string;
let server: NativeServer;
let stores = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-s3-'));
  server = await startS3({ directory });
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const at = (change: (url: URL) => void): string => {
  const url = new URL(server.url);
  change(url);
  return url.href;
};

const open = (url: string): Promise<BlobStore> =>
  openS3BlobStore({ url, clock: systemClock, startTimeoutMs: 1_000 });

blobStoreContract('S3 on a real server, the Versity S3 Gateway', async () => {
  stores += 1;
  const url = at((each) => {
    each.pathname += `/store ${stores}/blobs`;
  });
  return { store: await open(url), remove: async () => {} };
});

describe('blobs on a real S3 server, the Versity S3 Gateway', () => {
  const objects = (folder: string) =>
    readdir(join(directory, 'objects', 'partitura', folder), { recursive: true });

  it('are objects aa/bb…, there for every process, and put once', async () => {
    const url = at((each) => {
      each.pathname += '/shared';
    });
    const [one, other] = [await open(url), await open(url)];
    const hash = sha256('content');
    await Promise.all([...Array(20)].flatMap(() => [one.put('content'), other.put('content')]));
    expect(await objects('shared')).toEqual([hash.slice(0, 2), join(hash.slice(0, 2), hash.slice(2))]);
    expect(Buffer.from(await other.get(hash)).toString()).toBe('content');
    await one.close();
    await other.close();
  });

  it('notices what was changed, and putting the content again heals it', async () => {
    const store = await open(
      at((each) => {
        each.pathname += '/changed';
      }),
    );
    const hash = await store.put('content');
    const file = join(directory, 'objects', 'partitura', 'changed', hash.slice(0, 2), hash.slice(2));
    await writeFile(file, 'c0ntent');
    await expect(store.get(hash)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await store.put('content');
    expect(Buffer.from(await store.get(hash)).toString()).toBe('content');
    await writeFile(file, 'cut');
    await store.put('content');
    expect(Buffer.from(await store.get(hash)).toString()).toBe('content');
    await store.close();
  });

  it.each([
    ['a bucket that is not there', (url: URL) => (url.pathname = '/nowhere'), 'BLOB_BUCKET_MISSING'],
    ['a wrong secret', (url: URL) => (url.password = 'wrong-secret'), 'BLOB_CREDENTIALS_REFUSED'],
    ['an unknown key', (url: URL) => (url.username = 'nobody'), 'BLOB_CREDENTIALS_REFUSED'],
    ['a wrong region', (url: URL) => url.searchParams.set('region', 'eu-north-7'), 'BLOB_REGION_WRONG'],
    ['a port where nobody listens', (url: URL) => (url.port = '1'), 'BLOB_STORE_UNREACHABLE'],
    ['TLS where none is spoken', (url: URL) => url.searchParams.set('tls', 'true'), 'BLOB_STORE_UNREACHABLE'],
  ])('refuses to start with %s', async (_what, change, code) => {
    const error: unknown = await open(at(change)).then(
      () => 'it started',
      (refused: unknown) => refused,
    );
    expect(error).toMatchObject({ code, advice: expect.any(String) });
    expect(String(error)).not.toContain('partitura-secret');
  });

  it('waits for the server at start, and goes on when it was away', async () => {
    const own = join(directory, 'own');
    const first = await startS3({ directory: own });
    const port = Number(new URL(first.url).port);
    await first.stop();
    const lines = recorder<string>();
    const line = (_fields: object, message: string) => lines.add(message);
    const logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
    const opening = openS3BlobStore({ url: first.url, clock: systemClock, logger });
    await lines.reached(1);
    const second = await startS3({ directory: own, port });
    const store = await opening;
    expect(lines.items).toEqual([expect.stringContaining('waiting for the blob store')]);
    const hash = await store.put('before');
    await second.stop();
    const reading = store.get(hash);
    const third = await startS3({ directory: own, port });
    expect(Buffer.from(await reading.catch(() => store.get(hash))).toString()).toBe('before');
    await store.close();
    await third.stop();
  });

  it('waits with what it was asked while the server is killed and comes back, and then loses patience', async () => {
    const own = await restartable((port) =>
      startS3({ directory: join(directory, 'killed'), ...(port ? { port } : {}) }),
    );
    const patient = await open(own.url);
    const hasty = await openS3BlobStore({ url: own.url, clock: systemClock, patienceMs: 200 });
    const before = await patient.put('before');
    await own.kill();
    const asked = [patient.put('after'), patient.get(before), patient.has(before)];
    for (const refused of [hasty.put('after'), hasty.get(before), hasty.has(before)]) {
      const error: unknown = await refused.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'BLOB_STORE_UNREACHABLE', advice: expect.any(String) });
      expect(isTransient(error)).toBe(true);
    }
    await own.start();
    expect(await Promise.all(asked)).toEqual([sha256('after'), Buffer.from('before'), true]);
    expect(await hasty.has(sha256('after'))).toBe(true);
    await patient.close();
    await hasty.close();
    await own.stop();
  });

  it('waits for a server that stands still, and does not wait for one that stays so', async () => {
    const own = await restartable((port) =>
      startS3({ directory: join(directory, 'paused'), ...(port ? { port } : {}) }),
    );
    const patient = await openS3BlobStore({ url: own.url, clock: systemClock, answerWithinMs: 500 });
    const hasty = await openS3BlobStore({
      url: own.url,
      clock: systemClock,
      answerWithinMs: 200,
      patienceMs: 200,
    });
    const before = await patient.put('before');
    own.pause();
    const asked = [patient.put('after'), patient.get(before)];
    await expect(hasty.put('other')).rejects.toMatchObject({ code: 'BLOB_STORE_UNREACHABLE' });
    await expect(hasty.get(before)).rejects.toMatchObject({ code: 'BLOB_STORE_UNREACHABLE' });
    own.resume();
    expect(await Promise.all(asked)).toEqual([sha256('after'), Buffer.from('before')]);
    expect(await hasty.put('other')).toBe(sha256('other'));
    await patient.close();
    await hasty.close();
    await own.stop();
  });

  it('closes at once while the server is away', async () => {
    const own = await startS3({ directory: join(directory, 'closed') });
    const store = await open(own.url);
    await own.stop();
    const asked = store.put('never').catch((error: unknown) => error);
    await store.close();
    expect(await asked).toMatchObject({ code: 'BLOB_STORE_UNREACHABLE' });
  });
});
