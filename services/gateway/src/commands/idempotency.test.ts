import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { asOrganizationId } from '@partitura/shared/events';
import { PartituraError, silentLogger } from '@partitura/shared/runtime';
import { sequentialIds, type VirtualClock, virtualClock } from '@partitura/shared/runtime/testing';
import { type Idempotency, idempotency, type KeyedCommand } from './idempotency.ts';

let store: EventStore;
let clock: VirtualClock;
let replicas: number;
beforeEach(() => {
  store = openSqliteEventStore({ path: ':memory:' });
  clock = virtualClock();
  replicas = 0;
});
afterEach(() => store.close());

/** Another process over the same log. */
const replica = (): Idempotency => {
  replicas += 1;
  const ids = sequentialIds();
  const own = `${replicas}`;
  return idempotency({
    store,
    clock,
    ids: { next: (prefix) => `${ids.next(prefix)}_${own}` },
    logger: silentLogger,
  });
};

const pause: KeyedCommand = {
  key: 'k1',
  actor: 'user:local',
  organizationId: null,
  operation: 'pauseRun',
  status: 202,
  params: { id: 'r_1' },
  body: { reason: 'lunch' },
  correlationId: 'q_1',
  keep: (answer) => answer,
};
const dinner = { ...pause, body: { reason: 'dinner' } };

/** An owner that counts: the same id again is the same command. */
const owner = () => {
  const done: string[] = [];
  const work = async (commandId: string) => {
    done.push(commandId);
    return { id: 'r_1', position: `${new Set(done).size}` };
  };
  return { done, work };
};
const never = async (): Promise<never> => {
  throw new Error('This must not be done.');
};
const refusal = new PartituraError('RUN_ENDED', 'It is over.');

describe('the first answer', () => {
  it('is given again by a replica that did not give it, with its status', async () => {
    const { work } = owner();
    const first = await replica().once(pause, work);
    expect(first).toEqual({ status: 202, body: { id: 'r_1', position: '1' } });
    expect(await replica().once({ ...pause, correlationId: 'q_2' }, never)).toEqual(first);
  });

  it('is not for another body, caller, organisation, target or operation', async () => {
    const { done, work } = owner();
    await replica().once(pause, work);
    await expect(replica().once(dinner, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    const others: KeyedCommand[] = [
      { ...pause, actor: 'user:other' },
      { ...pause, organizationId: asOrganizationId('acme') },
      { ...pause, params: { id: 'r_2' } },
      { ...pause, operation: 'cancelRun' },
    ];
    for (const other of others) await replica().once(other, work);
    expect(new Set(done).size).toBe(5);
  });

  it('is the same for a body whose fields come in another order', async () => {
    const { work } = owner();
    await replica().once({ ...pause, body: { a: 1, b: 2 } }, work);
    await replica().once({ ...pause, body: { b: 2, a: 1 } }, never);
  });

  it('is forgotten after a day: then the same key is another command', async () => {
    const { done, work } = owner();
    await replica().once(pause, work);
    await clock.advance(24 * 3_600_000 - 1);
    await expect(replica().once(dinner, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    await clock.advance(1);
    await replica().once(dinner, work);
    expect(new Set(done).size).toBe(2);
    await expect(replica().once(pause, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is kept without its secret', async () => {
    const keep = (answer: unknown) => ({ ...(answer as object), secret: null });
    const made = { ...pause, keep };
    const first = await replica().once(made, async () => ({ id: 'k', secret: 'open sesame' }));
    expect(first.body).toEqual({ id: 'k', secret: 'open sesame' });
    expect((await replica().once(made, never)).body).toEqual({ id: 'k', secret: null });
    const pages = await Array.fromAsync(store.readAll());
    expect(JSON.stringify(pages)).not.toContain('open sesame');
  });

  it('that is too large is not kept: the command is done again under the same id', async () => {
    const large = async (commandId: string) => commandId.padEnd(70_000, ' ');
    const first = await replica().once(pause, large);
    expect(await replica().once(pause, large)).toEqual(first);
  });
});

describe('while the first is at work', () => {
  it('whoever comes at once is told so, or gets the answer, and it is done once', async () => {
    const { done, work } = owner();
    const all = Array.from({ length: 8 }, () => replica().once(pause, work));
    const settled = await Promise.allSettled(all);
    const codes = settled.map((one) => (one.status === 'fulfilled' ? 'answered' : one.reason.code));
    expect(codes).toContain('answered');
    expect(new Set(codes)).toEqual(new Set(['answered', 'IDEMPOTENCY_IN_PROGRESS']));
    expect(done).toHaveLength(1);
  });

  it('and died, the key is free after a while, and the command keeps its id', async () => {
    const { done, work } = owner();
    const dead = replica().once(pause, async (commandId) => {
      await work(commandId);
      return new Promise<never>(() => undefined);
    });
    void dead;
    while (done.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(replica().once(pause, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    await clock.advance(30_000);
    await expect(replica().once(dinner, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    const answer = await replica().once(pause, work);
    expect(new Set(done).size).toBe(1);
    expect(await replica().once(pause, never)).toEqual(answer);
  });
});

describe('what failed', () => {
  const failing = (error: unknown) => async (): Promise<never> => {
    throw error;
  };

  it('because it was refused may be mended under the same key', async () => {
    const { work } = owner();
    await expect(replica().once(pause, failing(refusal))).rejects.toBe(refusal);
    expect((await replica().once(dinner, work)).status).toBe(202);
    await expect(replica().once(pause, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it.each([new Error('What?'), new PartituraError('SERVICE_UNREACHABLE', 'Nobody answers.')])(
    'and nobody knows how (%s) may be asked again at once, and only the same',
    async (error) => {
      const { done, work } = owner();
      const half = async (commandId: string) => {
        await work(commandId);
        throw error;
      };
      await expect(replica().once(pause, half)).rejects.toBe(error);
      await expect(replica().once(dinner, never)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      await replica().once(pause, work);
      expect(new Set(done).size).toBe(1);
    },
  );

  it('only in being written down is answered all the same', async () => {
    const { work } = owner();
    let appends = 0;
    const failingStore: EventStore = {
      ...store,
      append: (...given) => {
        appends += 1;
        return appends === 2 ? Promise.reject(new Error('The disk is full.')) : store.append(...given);
      },
    };
    const options = { store: failingStore, clock, ids: sequentialIds(), logger: silentLogger };
    expect((await idempotency(options).once(pause, work)).status).toBe(202);
  });
});
