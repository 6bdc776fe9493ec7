import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { untilAll } from '../testing/health.ts';
import type { FinishedWorld, Given } from './finished-world.ts';

/** What the store keeps, changed while it is not running: past every service, as an intruder would. */
const inTheFiles = async (
  { world, swarm }: FinishedWorld,
  change: (database: DatabaseSync) => void,
): Promise<void> => {
  const { eventStore } = world.stack.servers;
  await eventStore.stop();
  const database = new DatabaseSync(join(world.directory, 'stack', 'eventStore', 'log.sqlite'));
  change(database);
  database.close();
  await eventStore.start();
  await untilAll(swarm.processes, ({ live, ready }) => live === 200 && ready === 200);
};

/** One bit of a letter in the middle of what an event says. */
const withOtherLetter = (data: Uint8Array): Uint8Array => {
  const changed = Uint8Array.from(data);
  const place = changed.findIndex(
    (byte, index) => index > changed.length / 2 && byte >= 0x61 && byte <= 0x7a && (byte & 1) === 0,
  );
  changed[place] = (changed[place] ?? 0) | 1;
  return changed;
};

export const describeTampering = (given: Given): void =>
  describe('the log in the files of the event store', () => {
    it('is altered by one bit, and given an event more: verification names both', async () => {
      const all = given();
      const { client, finished, world } = all;
      const whole = await client.call('verifyAudit', { query: { after: await world.store.head() } });
      expect(whole).toMatchObject({ intact: true, findings: [] });
      const own = (await world.log()).filter(({ stream }) => stream === `run-${finished.runId}`);
      const [victim, last] = [own.find(({ type }) => type === 'task.completed'), own.at(-1)];
      if (!victim || !last) throw new Error('There is nothing to alter.');
      await inTheFiles(all, (database) => {
        const place = [victim.stream, victim.revision] as const;
        const found = database
          .prepare('SELECT data FROM records WHERE stream = ? AND revision = ?')
          .get(...place);
        const data = withOtherLetter(found?.data as Uint8Array);
        database.prepare('UPDATE records SET data = ? WHERE stream = ? AND revision = ?').run(data, ...place);
        database
          .prepare(`INSERT INTO records
            SELECT (SELECT MAX(position) + 1 FROM records), stream, revision + 1, lower(hex(randomblob(4))) || '-0000-4000-8000-' || lower(hex(randomblob(6))),
              type, content_type, data, metadata, created
            FROM records WHERE stream = ? AND revision = ?`)
          .run(last.stream, last.revision);
      });
      const verdict = await client.call('verifyAudit', { query: {} });
      expect(verdict.findings).toContainEqual(
        expect.objectContaining({ kind: 'changed', eventId: victim.id, revision: victim.revision }),
      );
      expect(verdict.findings).toContainEqual(
        expect.objectContaining({ stream: last.stream, revision: last.revision + 1 }),
      );
      const told = await all.command(['audit', 'verify', finished.runId], 3);
      expect(told).toMatchObject({
        intact: false,
        findings: expect.arrayContaining([expect.objectContaining({ kind: 'changed', eventId: victim.id })]),
      });
    });
  });
