import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '../event-store/index.ts';
import { asOrganizationId, type DomainEvent, streamName, verifyChain, versionOf } from '../events/index.ts';
import { openEmbeddedSubjectKeys } from './embedded-store.ts';
import { eventSealing } from './event-sealing.ts';
import { keyBox } from './key-box.ts';
import { type KeyRing, keyRing } from './key-ring.ts';
import { openedStore } from './opened-store.ts';

const [acme, bergen] = [asOrganizationId('acme'), asOrganizationId('bergen')];
const stream = streamName('run', 'r_1');
let ring: KeyRing;
let store: EventStore;

beforeEach(async () => {
  ring = keyRing();
  const keys = openEmbeddedSubjectKeys({ path: ':memory:' });
  await ring.attach(keys, keyBox({ current: 'k'.repeat(64), previous: null }));
  const subject = { key: new Uint8Array(32).fill(7), label: null, declaredAt: '2026-01-01T00:00:00.000Z' };
  await ring.declare({
    ...subject,
    id: 'sub_00000000000a',
    organizationId: acme,
    identifiers: ['Ada Lovelace', 'operator'],
  });
  await ring.declare({ ...subject, id: 'sub_00000000000b', organizationId: bergen, identifiers: ['Lunch'] });
  store = openSqliteEventStore({ path: ':memory:', sealing: eventSealing(ring) });
});
afterEach(() => store.close());

let count = 0;
const append = async ({ type, data }: DomainEvent, organizationId = acme, actor = 'user:x') => {
  count += 1;
  const metadata = { source: '/x', actor, correlationId: 'q', causationId: null, organizationId };
  const event = {
    id: `e${count}`,
    type,
    data,
    version: versionOf(type),
    time: '2026-01-01T00:00:00.000Z',
    metadata,
  };
  await store.append(stream, [event], 'any');
  return event;
};
const paused = (detail: string) => ({ type: 'run.paused', data: { reason: 'operator', detail } });
const recorded = async () => (await Array.fromAsync(store.readStream(stream, { asRecorded: true }))).flat();
const shown = async () => (await Array.fromAsync(openedStore(store, ring).readStream(stream))).flat();

describe('events', () => {
  it('are sealed with the keys of whose they are, and of nobody else, and opened with them', async () => {
    await append(paused('Lunch with Ada Lovelace'), acme, 'user:Ada Lovelace');
    await append(paused('Lunch with Ada Lovelace'), bergen);
    const log = await recorded();
    expect(log.map(({ data }) => Reflect.get(Object(data), 'detail'))).toEqual([
      expect.stringMatching(/^Lunch with ⟦sub_00000000000a:[\w-]+⟧$/),
      expect.stringMatching(/^⟦sub_00000000000b:[\w-]+⟧ with Ada Lovelace$/),
    ]);
    expect(log[0]?.metadata.actor).toMatch(/^user:⟦/);
    expect((await shown())[0]).toMatchObject({
      data: paused('Lunch with Ada Lovelace').data,
      metadata: { actor: 'user:Ada Lovelace' },
    });
    await ring.erase('sub_00000000000a', '2026-02-01T00:00:00.000Z');
    expect((await shown()).map(({ data }) => Reflect.get(Object(data), 'detail'))).toEqual([
      'Lunch with [erased]',
      'Lunch with Ada Lovelace',
    ]);
    expect(verifyChain(await recorded()).intact).toBe(true);
  });

  it('keep their contract: a state that is called as somebody is stays one', async () => {
    await append(paused('The operator said so.'));
    expect((await recorded())[0]?.data).toMatchObject({
      reason: 'operator',
      detail: expect.stringMatching(/^The ⟦/),
    });
  });

  it('do not open what somebody wrote to get at another organisation’s', async () => {
    await append(paused('Ada Lovelace'));
    const token = String(Reflect.get(Object((await recorded())[0]?.data), 'detail'));
    await append(paused(`Who is ${token}?`), bergen);
    expect((await shown())[1]?.data).toMatchObject({ detail: 'Who is [erased]?' });
  });
});
