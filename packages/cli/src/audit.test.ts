import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { newPlace, type Place } from './testing/cli.ts';

let place: Place;
let events: string;

/** A log as a run would have left it, without running one. */
beforeEach(async () => {
  place = await newPlace();
  await mkdir(join(place.directory, '.partitura'), { recursive: true });
  events = join(place.directory, '.partitura', 'events.db');
  const store = openSqliteEventStore({ path: events });
  await tellStore(store, runStory({ runId: 'r_told' }));
  await store.close();
});
afterEach(() => place.remove());

const tamper = (sql: string): void => {
  const database = new DatabaseSync(events);
  database.exec(sql);
  database.close();
};

describe('partitura audit verify', () => {
  it('names what was done to a log that nobody serves, ends with 3, and writes nothing', async () => {
    // It serves itself for a moment: the read models are there then, and the log is sealed.
    expect((await place.run(['ps'])).code).toBe(0);
    const intact = await place.run(['audit', 'verify', '--json']);
    expect(intact).toMatchObject({ code: 0 });
    const { events: count } = JSON.parse(intact.stdout);
    tamper('DELETE FROM events WHERE position = (SELECT max(position) - 3 FROM events)');
    const before = await readFile(events);
    const found = await place.run(['audit', 'verify', '--json']);
    expect(found.code).toBe(3);
    expect(JSON.parse(found.stdout)).toMatchObject({
      intact: false,
      events: count - 1,
      findings: expect.arrayContaining([expect.objectContaining({ kind: 'removed' })]),
    });
    expect((await readFile(events)).equals(before)).toBe(true);
    expect((await place.run(['audit', 'verify'])).stdout).toContain('✗ removed at ');
  });

  it('looks at one run of a log that nobody serves, by the beginning of its id, and writes nothing', async () => {
    const directory = join(place.directory, '.partitura');
    const before = await readFile(events);
    const intact = await place.run(['audit', 'verify', 'r_to', '--json']);
    expect(intact).toMatchObject({ code: 0 });
    expect(JSON.parse(intact.stdout)).toMatchObject({ intact: true, seals: 0 });
    expect((await readFile(events)).equals(before)).toBe(true);
    expect(await readdir(directory)).toEqual(['events.db', 'lock.db']);
    tamper(`UPDATE events SET body = replace(body, 'T1', 'T9')
      WHERE json_extract(body, '$.stream') = 'run-r_told' AND json_extract(body, '$.type') = 'task.started'`);
    const found = await place.run(['audit', 'verify', 'r_told', '--json']);
    expect(found.code).toBe(3);
    expect(JSON.parse(found.stdout).findings).toContainEqual(
      expect.objectContaining({ kind: 'changed', stream: 'run-r_told' }),
    );
    const none = await place.run(['audit', 'verify', 'r_other']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('RUN_NOT_FOUND') });
  });

  it('finds a file that is no log, and says where', async () => {
    await writeFile(events, 'This is no log at all. '.repeat(500));
    const { code, stdout } = await place.run(['audit', 'verify']);
    expect(code).toBe(3);
    expect(stdout).toContain('✗ damaged: .partitura/events.db cannot be read');
    expect((await place.run(['audit', 'verify', 'r_told'])).stdout).toContain('✗ damaged: ');
  });
});

describe('partitura bundle', () => {
  it('exports, verifies, and imports into another place under a key that is named', async () => {
    const exported = await place.run(['bundle', 'export', 'r_told', '-o', 'run.tar']);
    expect(exported).toMatchObject({ code: 0 });
    const verified = await place.run(['bundle', 'verify', 'run.tar', '--json']);
    expect(verified).toMatchObject({ code: 0 });
    const { fingerprint } = JSON.parse(verified.stdout).manifest;
    const file = join(place.directory, 'run.tar');
    const elsewhere = ['--data', join(place.directory, 'elsewhere')];
    const refused = await place.run(['bundle', 'import', file, ...elsewhere]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('BUNDLE_NOT_TRUSTED') });
    const imported = await place.run(['bundle', 'import', file, '--trust', fingerprint, ...elsewhere]);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ r_told is here') });
    expect((await place.run(['audit', 'verify', ...elsewhere])).code).toBe(0);

    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 5_000) ^ 1, bytes.length - 5_000);
    await writeFile(file, bytes);
    const damaged = await place.run(['bundle', 'verify', file]);
    expect(damaged).toMatchObject({ code: 3, stdout: expect.stringContaining('events.ndjson') });
  });
});
