import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@partitura/shared/runtime';
import fc from 'fast-check';
import { type Consumer, startConsumer } from '../testing/consumer.ts';
import { addressGuard } from './address-guard.ts';
import type { Resolve } from './guarded-lookup.ts';
import { createSender } from './sender.ts';
import { requireWebhookUrl } from './webhook-url.ts';

const closed = addressGuard([]);
const octet = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16));
const dotted = (first: fc.Arbitrary<readonly number[]>): fc.Arbitrary<string> =>
  fc.tuple(first, octet, octet, octet).map(([begin, ...rest]) => [...begin, ...rest].slice(0, 4).join('.'));

const privateV4 = fc.oneof(
  dotted(fc.constantFrom([10], [127], [0], [192, 168], [169, 254], [255], [224])),
  dotted(fc.integer({ min: 16, max: 31 }).map((second) => [172, second])),
  dotted(fc.integer({ min: 64, max: 127 }).map((second) => [100, second])),
  fc.constantFrom('169.254.169.254', '168.63.129.16').filter((address) => address.startsWith('169')),
);
const publicV4 = fc.constantFrom(
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '203.0.114.7',
  '172.32.0.1',
  '11.0.0.1',
);
const hexOf = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};

describe('the addresses that a webhook may go to', () => {
  it('are no private ones, in whatever way they are written', () => {
    fc.assert(
      fc.property(privateV4, (address) => {
        const hex = hexOf(address);
        for (const text of [
          address,
          `::ffff:${hex}`,
          `::ffff:${address}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `::${hex}`,
          `2002:${hex}::1`,
        ])
          expect([text, closed.objection(text)]).not.toEqual([text, null]);
        const url = new URL(`http://${address}:8080/x`);
        expect(() => requireWebhookUrl(url.href, closed)).toThrow(/do not go to/);
        const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
        expect(() => requireWebhookUrl(`http://${number}/`, closed)).toThrow(/do not go to/);
        expect(() => requireWebhookUrl(`http://[::ffff:${address}]/`, closed)).toThrow(/do not go to/);
      }),
    );
  });

  it('are no special ones of IPv6', () => {
    const special = fc
      .tuple(
        fc.constantFrom('fc', 'fd', 'fe8', 'feb', 'fec', 'ff0', '100', '5f0'),
        fc.array(group, { minLength: 7, maxLength: 7 }),
      )
      .map(([begin, rest]) => [begin.padEnd(4, '0'), ...rest].join(':'));
    fc.assert(
      fc.property(special, (address) => {
        expect([address, closed.objection(address)]).not.toEqual([address, null]);
      }),
    );
    for (const address of [
      '::1',
      '::',
      'fd00:ec2::254',
      '2001:db8::1',
      '2001::1',
      'fe80::1%eth0',
      'not an address',
    ])
      expect([address, closed.objection(address)]).not.toEqual([address, null]);
  });

  it('are public ones, and those that were allowed', () => {
    fc.assert(fc.property(publicV4, (address) => expect(closed.objection(address)).toBeNull()));
    expect(closed.objection('2606:4700:4700::1111')).toBeNull();
    const guard = addressGuard(['10.1.0.0/16', '::1', 'hooks.internal', '192.168.1.1']);
    expect([guard.objection('10.1.255.3'), guard.objection('::1'), guard.objection('192.168.1.1')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(guard.objection('10.2.0.1')).not.toBeNull();
    expect(guard.objection('192.168.1.2')).not.toBeNull();
    expect(guard.objection('::ffff:10.1.0.1')).not.toBeNull();
    expect(guard.allowsHost('Hooks.Internal')).toBe(true);
    expect(guard.allowsHost('evil.hooks.internal')).toBe(false);
  });

  it.each([
    ['ftp://example.com/', /https:\/\/ or http:\/\//],
    ['file:///etc/passwd', /https:\/\/ or http:\/\//],
    ['https://user:password@example.com/', /credentials/],
    ['https://user@example.com/', /credentials/],
    ['http://localhost:1/', /do not go to/],
    ['http://any.localhost./', /do not go to/],
    ['http://[fd00:ec2::254]/latest', /do not go to/],
    ['nowhere', /not a URL/],
  ])('are not in %s', (url, why) => {
    expect(() => requireWebhookUrl(url, closed)).toThrow(why);
  });
});

describe('sending', () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });

  const consumer = async (): Promise<Consumer> => {
    const started = await startConsumer();
    open.push(started.close);
    return started;
  };

  const sendTo = async (url: string, resolve: Resolve, allow: readonly string[]) => {
    const sender = createSender({ guard: addressGuard(allow), clock: systemClock, resolve });
    open.push(() => sender.close());
    const message = { url, headers: { 'webhook-id': 'm' }, body: '{"type":"t","id":"e"}' };
    return () => sender.send(message, new AbortController().signal);
  };
  const resolvingTo =
    (...answers: readonly (readonly string[])[]): Resolve =>
    async () => {
      const answer = answers[asked] ?? answers.at(-1) ?? [];
      asked += 1;
      return answer.map((address) => ({ address, family: 4 }));
    };
  let asked = 0;
  const named = (url: string): string => url.replace('127.0.0.1', 'hooks.example');

  it('connects to the addresses it looked at, and looks again each time', async () => {
    const here = await consumer();
    asked = 0;
    // A name that first is somewhere harmless where nobody listens, and then where the consumer is, which is not allowed.
    const send = await sendTo(named(here.url), resolvingTo(['127.0.0.2'], ['127.0.0.1']), ['127.0.0.2']);
    expect((await send()).problem?.code).toBe('NOT_REACHED');
    expect((await send()).problem).toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(asked).toBe(2);
    expect(here.received).toHaveLength(0);
  });

  it('takes no name that has one address too many, and none at all', async () => {
    const here = await consumer();
    const mixed = await sendTo(named(here.url), resolvingTo(['127.0.0.1', '10.0.0.1']), ['127.0.0.1']);
    expect((await mixed()).problem?.code).toBe('ADDRESS_REFUSED');
    const none = await sendTo(named(here.url), resolvingTo([]), ['127.0.0.1']);
    expect((await none()).problem?.code).toBe('ADDRESS_REFUSED');
    const literal = await sendTo(here.url, resolvingTo(['127.0.0.1']), []);
    expect((await literal()).problem?.code).toBe('ADDRESS_REFUSED');
    expect(here.received).toHaveLength(0);
    const right = await sendTo(named(here.url), resolvingTo(['127.0.0.1']), ['127.0.0.0/8']);
    expect(await right()).toMatchObject({ status: 204, problem: null });
  });

  it('reads no more than a kilobyte of an answer that never ends', async () => {
    const here = await consumer();
    here.behave((_, response) => {
      response.writeHead(200);
      const flow = (): void => {
        while (!response.destroyed && response.write('0123456789'.repeat(100)));
      };
      response.on('drain', flow);
      flow();
      return 'handled';
    });
    const send = await sendTo(here.url, resolvingTo([]), ['127.0.0.1']);
    const { status, head, problem } = await send();
    expect({ status, length: head.length, problem }).toEqual({ status: 200, length: 1_024, problem: null });
  });
});
