import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { laneDocuments } from '../records/documents.ts';
import { secretBox } from '../secrets/secret-box.ts';
import { startConsumer } from '../testing/consumer.ts';
import { contextOf, startNotifier, type World, type WorldOptions } from '../testing/world.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});
const world = async (options?: WorldOptions): Promise<World> => {
  const started = await startNotifier(options);
  open.push(() => started.stop(0));
  return started;
};
const consumer = async () => {
  const started = await startConsumer();
  open.push(started.close);
  return started;
};
const of = (id: string) => ({ params: { id }, query: {}, body: null });

describe('webhooks of another organisation', () => {
  it('are not there, and are told of nothing that is not theirs', async () => {
    const [{ operations, create, record, settled, deliveries }, here] = [await world(), await consumer()];
    const a = await create(here.url, {}, contextOf('a'));
    const b = await create(here.url, {}, contextOf('b'));
    await record('r_a', 'text', 'a');
    await record('r_default', 'text');
    const [delivery] = await settled(a.id, 'delivered', 1);
    const stranger = contextOf('b');
    const ofDelivery = { params: { id: a.id, delivery: delivery?.id ?? '' }, query: {}, body: null };
    const listing = { params: { id: a.id }, query: { limit: 50 }, body: null };
    for (const attempt of [
      () => operations.getWebhook(of(a.id), stranger),
      () => operations.changeWebhook({ params: { id: a.id }, query: {}, body: { enabled: false } }, stranger),
      () => operations.removeWebhook(of(a.id), stranger),
      () => operations.testWebhook(of(a.id), stranger),
      () => operations.rotateWebhookSecret(of(a.id), stranger),
      () => operations.listWebhookDeliveries(listing, stranger),
      () => operations.redeliverWebhook(ofDelivery, stranger),
      () => operations.getWebhook(of('wh_never'), stranger),
      () => operations.getWebhook(of(`${a.id}.r_a`), contextOf('a')),
    ])
      await expect(attempt()).rejects.toMatchObject({
        code: 'WEBHOOK_NOT_FOUND',
        message: 'There is no such webhook.',
      });
    // Not by way of a webhook of one's own either.
    await expect(
      operations.redeliverWebhook({ ...ofDelivery, params: { ...ofDelivery.params, id: b.id } }, stranger),
    ).rejects.toMatchObject({ code: 'DELIVERY_NOT_FOUND' });
    const list = { params: {}, query: { limit: 50, after: b.position }, body: null };
    expect((await operations.listWebhooks(list, stranger)).items.map(({ id }) => id)).toEqual([b.id]);
    expect((await operations.listWebhooks(list, contextOf())).items.map(({ id }) => id)).toEqual([
      b.id,
      a.id,
    ]);
    expect(await deliveries(b.id)).toEqual([]);
    expect(here.received).toHaveLength(1);
  });
});

describe('a webhook', () => {
  it('is changed only as its reader saw it, and is not there any more when it was removed', async () => {
    const { operations, create } = await world();
    const { id, revision } = await create('https://example.com/hook');
    const change = { params: { id }, query: {}, body: { description: 'the new one' } };
    const changed = await operations.changeWebhook(change, contextOf(null, revision));
    expect(changed).toMatchObject({ description: 'the new one', url: 'https://example.com/hook' });
    await expect(operations.changeWebhook(change, contextOf(null, revision))).rejects.toMatchObject({
      code: 'STALE_REVISION',
    });
    expect(await operations.getWebhook(of(id), contextOf())).toEqual(changed);
    await expect(
      operations.changeWebhook({ ...change, body: { url: 'http://10.0.0.1/' } }, contextOf()),
    ).rejects.toMatchObject({ code: 'BAD_WEBHOOK_URL' });
    await expect(
      operations.changeWebhook({ ...change, body: { types: ['task.complete'] } }, contextOf()),
    ).rejects.toMatchObject({ code: 'UNKNOWN_EVENT_TYPE' });
    const { position } = await operations.removeWebhook(of(id), contextOf());
    await expect(operations.getWebhook(of(id), contextOf())).rejects.toMatchObject({
      code: 'WEBHOOK_NOT_FOUND',
    });
    const list = { params: {}, query: { limit: 50, after: position }, body: null };
    expect((await operations.listWebhooks(list, contextOf())).items).toEqual([]);
  });

  it('that is removed has nothing that waits any more, and what became of the rest is still told', async () => {
    const [one, here] = [await world(), await consumer()];
    const { operations, create, record, settled, deliveries, until, readModels, store } = one;
    const { id } = await create(here.url);
    const other = await create('http://127.0.0.1:9/');
    await record('r_1', 'one');
    await settled(id, 'delivered', 1);
    const held = Promise.withResolvers<ServerResponse>();
    here.behave((_, response) => {
      held.resolve(response);
      return 'handled';
    });
    await record('r_1', 'two');
    await record('r_1', 'three');
    const underWay = await held.promise;
    const { position } = await operations.removeWebhook(of(id), contextOf());
    underWay.writeHead(500).end();
    const shown = await until(async () => {
      const all = await deliveries(id);
      return all.some(({ status, attempts }) => status === 'cancelled' && attempts === 1) ? all : null;
    });
    expect(shown).toMatchObject([
      { status: 'cancelled', attempts: 0, nextAttemptAt: null },
      { status: 'cancelled', attempts: 1, nextAttemptAt: null, responseStatus: 500 },
      { status: 'delivered', attempts: 1 },
    ]);
    const query = { limit: 50, status: 'pending', after: position } as const;
    const waiting = await operations.listWebhookDeliveries(
      { params: { id }, query, body: null },
      contextOf(),
    );
    expect(waiting.items).toEqual([]);
    const [first] = shown;
    const ofDelivery = { params: { id, delivery: first?.id ?? '' }, query: {}, body: null };
    await expect(operations.redeliverWebhook(ofDelivery, contextOf())).rejects.toMatchObject({
      code: 'WEBHOOK_NOT_FOUND',
    });
    expect((await deliveries(other.id)).map(({ status }) => status)).toEqual(Array(3).fill('pending'));
    const lanes = await readModels.find(laneDocuments, { limit: 50 });
    expect(lanes.items).toMatchObject([{ webhookId: other.id }]);
    // Made again from the log, they say the same.
    await one.stop();
    const again = await world({ store });
    expect(await again.deliveries(id)).toEqual(shown);
  });

  it('is registered once by one command', async () => {
    const { operations, create, events } = await world();
    const context = contextOf();
    const [one, other] = [
      await create('https://example.com/', {}, context),
      await create('https://example.com/', {}, context),
    ];
    expect(other).toEqual(one);
    expect(await events(['webhook.registered'])).toHaveLength(1);
    const list = { params: {}, query: { limit: 50, after: one.position }, body: null };
    expect((await operations.listWebhooks(list, contextOf())).items).toHaveLength(1);
  });

  it('is tested with an event of its own', async () => {
    const [{ operations, create, settled }, here] = [await world(), await consumer()];
    const { id, secret } = await create(here.url, { types: ['run.completed'] });
    const other = await create(here.url);
    const test = await operations.testWebhook(of(id), contextOf());
    const [delivered] = await settled(id, 'delivered', 1);
    expect(delivered).toMatchObject({ id: test.id, eventType: 'webhook.tested' });
    const [received] = here.received;
    expect(received && here.verify(received, secret ?? '')).toMatchObject({ type: 'webhook.tested' });
    expect(received?.id).toBe(test.id);
    expect(here.received).toHaveLength(1);
    await operations.changeWebhook({ params: other, query: {}, body: { enabled: false } }, contextOf());
    await expect(operations.testWebhook(of(other.id), contextOf())).rejects.toMatchObject({
      code: 'WRONG_WEBHOOK_STATUS',
    });
  });
});

describe('the secret of a webhook', () => {
  it('stands nowhere in the log, is shown once, and signs beside the one before for a day', async () => {
    const clock = virtualClock({ start: Date.now() });
    const started = await startNotifier({ clock, lookEveryMs: 600_000 });
    open.push(() => started.stop(0));
    const here = await consumer();
    const { operations, create, record, events, settled } = started;
    const { id, secret } = await create(here.url);
    const rotated = await operations.rotateWebhookSecret(of(id), contextOf());
    await record('r_1', 'one');
    await settled(id, 'delivered', 1);
    const [first] = here.received;
    if (!first) throw new Error('Nothing came.');
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(rotated.secret).not.toBe(secret);
    expect(here.verify(first, secret ?? '')).toBeDefined();
    expect(here.verify(first, rotated.secret ?? '')).toBeDefined();
    expect(String(first.headers['webhook-signature']).split(' ')).toHaveLength(2);
    await clock.advance(24 * 3_600_000);
    await record('r_1', 'two');
    await settled(id, 'delivered', 2);
    expect(String(here.received[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
    expect(JSON.stringify(await events())).not.toContain('whsec_');
    expect(JSON.stringify(await operations.getWebhook(of(id), contextOf()))).not.toContain('whsec_');
  });

  it('that cannot be read keeps what is due waiting, and the health check says why', async () => {
    const store = openSqliteEventStore({ path: ':memory:' });
    const here = await consumer();
    const before = await startNotifier({ store });
    const { id } = await before.create(here.url);
    await before.stop(0);
    const clock = virtualClock();
    const later = await startNotifier({
      store,
      clock,
      key: 'another key, of thirty-two letters',
      lookEveryMs: 1_000,
    });
    open.push(() => later.stop(0));
    await later.record('r_1', 'one');
    const problem = await later.until(async () => {
      const said = await Promise.all(later.service.health.map((one) => one.check()));
      return said.find((one) => one !== null) ?? null;
    });
    expect(problem).toContain('was sealed with the key');
    expect(await later.deliveries(id)).toMatchObject([{ status: 'pending', attempts: 0 }]);
    expect(here.received).toEqual([]);
  });

  it('is opened with the key it was sealed with, for its own webhook, and with no other', () => {
    const [old, current] = ['o'.repeat(32), 'n'.repeat(32)];
    const sealed = secretBox({ current: old, previous: null }).seal('whsec_x', 'wh_1');
    const box = secretBox({ current, previous: old });
    expect(box.open(sealed, 'wh_1')).toBe('whsec_x');
    expect(box.seal('whsec_x', 'wh_1').keyId).not.toBe(sealed.keyId);
    expect(box.seal('whsec_x', 'wh_1').ciphertext).not.toBe(box.seal('whsec_x', 'wh_1').ciphertext);
    const unreadable = { code: 'SECRET_NOT_READABLE' };
    expect(() => box.open(sealed, 'wh_2')).toThrow(expect.objectContaining(unreadable));
    expect(() => box.open({ ...sealed, tag: '00'.repeat(16) }, 'wh_1')).toThrow(
      expect.objectContaining(unreadable),
    );
    expect(() => box.open({ ...sealed, tag: sealed.tag.slice(0, 8) }, 'wh_1')).toThrow(
      expect.objectContaining(unreadable),
    );
    expect(() => secretBox({ current, previous: null }).open(sealed, 'wh_1')).toThrow(
      expect.objectContaining(unreadable),
    );
  });
});
