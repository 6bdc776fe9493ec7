import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type BlobStore, openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { manifestOf, runStreams } from '@partitura/shared/bundles';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import { blobsOfRun } from '@partitura/shared/replaying';
import { signingKeyFrom } from '@partitura/shared/sealing';
import type { History } from './history.ts';
import { replayAll } from './replaying.ts';
import { tellHistory } from './testing/installation.ts';
import { read } from './testing/recorded.ts';

let directory: string;
let store: EventStore;
let blobs: BlobStore;
let history: History;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'partitura-lost-blobs-'));
  store = openSqliteEventStore({ path: ':memory:' });
  blobs = await openEmbeddedBlobStore({ directory });
  // A fork of a fork: most of what it needs belongs to runs before it.
  history = await read('forked.ndjson.gz');
  await tellHistory(store, history.events);
  for (const content of history.blobs.values()) await blobs.put(content);
});
afterEach(async () => {
  await blobs.close();
  await store.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20 });
});

const change = (statement: string, hash: string): void => {
  const database = new DatabaseSync(join(directory, 'small.db'));
  expect(database.prepare(statement).run(hash).changes).toBe(1);
  database.close();
};
const deleting = 'DELETE FROM blobs WHERE hash = ?';
const damaging = "UPDATE blobs SET content = CAST(content || ' ' AS BLOB) WHERE hash = ?";
const losses = [
  ['RUN_BLOB_MISSING', deleting],
  ['RUN_BLOB_CORRUPT', damaging],
] as const;

const nameIn = ({ data }: RecordedEvent, of: 'request' | 'plan'): string =>
  Reflect.get(Object(Reflect.get(Object(data), of)), 'hash');
/** The first event of a type whose blob a replay reads: a fork decides again only what came after its past. */
const first = (type: string, of: 'request' | 'plan'): readonly [hash: string, event: RecordedEvent] => {
  const found = history.events.find((event) => event.type === type && history.blobs.has(nameIn(event, of)));
  if (!found) throw new Error(`The history has no ${type}.`);
  return [nameIn(found, of), found];
};

/** What a replay needs: the plan, a question, and a part of a question, which no event names. */
const needed = (): readonly (readonly [hash: string, event: RecordedEvent])[] => {
  const asked = first('model.requested', 'request');
  const { conversation } = JSON.parse(history.blobs.get(asked[0]) ?? '');
  return [first('plan.proposed', 'plan'), asked, [conversation, asked[1]]];
};

const replay = () => {
  const { run } = history.about;
  return store
    .head()
    .then((head) => replayAll({ store, blobs: blobsOfRun({ store, blobs }, run) }, run, head));
};

it.each(losses)('%s: says which blob it is, of which event, and what to do', async (code, statement) => {
  for (const [hash, { type, stream, revision }] of needed()) {
    change(statement, hash);
    const where = `${type}, event ${revision} of ${stream} at position`;
    const refused = await replay().then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      code,
      message: expect.stringContaining(hash),
      advice: expect.stringContaining('from a backup'),
    });
    expect(String(refused)).toContain(where);
    expect(String(refused)).toContain(history.about.run);
    await blobs.put(history.blobs.get(hash) ?? '');
  }
  // What is brought back is all that was needed.
  expect((await replay()).parts.flatMap(({ divergence }) => divergence ?? [])).toEqual([]);
});

it('goes into no bundle when it is damaged, and is named in one when it is missing', async () => {
  const { run } = history.about;
  const manifest = async () =>
    manifestOf(await runStreams(store, run), {
      store,
      blobs: blobsOfRun({ store, blobs }, run),
      key: signingKeyFrom('5e'.repeat(32)),
      repository: { missing: 'A history has no repository.' },
    });
  const [, , part] = needed();
  const [hash] = part ?? [''];
  change(damaging, hash);
  await expect(manifest()).rejects.toMatchObject({ code: 'RUN_BLOB_CORRUPT' });
  change(deleting, hash);
  expect((await manifest()).missingBlobs).toContain(hash);
});
