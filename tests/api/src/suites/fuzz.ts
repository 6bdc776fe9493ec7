import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operations } from '@partitura/shared/http';
import fc, { type Arbitrary } from 'fast-check';
import { anyText, spoiled, valueFor } from '../testing/arbitrary.ts';
import type { Answer, Asked } from '../testing/asking.ts';
import { type ApiDocument, type Parameter, type Route, readDocument } from '../testing/document.ts';
import { exampleRequests, kindNamedBy, kindOf } from '../testing/requests.ts';
import type { StartWorld, World } from '../testing/world.ts';

/**
 * Requests such as somebody may send, good and broken, to every operation. 500 of each take minutes:
 * PARTITURA_TEST_REQUESTS=500.
 * @param usually how many requests each operation gets
 */
export const describeNonsense = (start: StartWorld, usually = 12): void => {
  const requests = Number(process.env.PARTITURA_TEST_REQUESTS ?? usually);
  let world: World;
  let document: ApiDocument;
  /** Answers that a command gave: what comes back to the server as a key, a position or an ETag. */
  let positions: string[];
  /** How many requests were good, by operation. */
  const taken = new Map<string, number>();

  beforeAll(async () => {
    // Without keys: who sits at the machine may ask for more in a minute than anybody else.
    world = await start();
    document = await readDocument(world.server.ask);
    const { busy } = world;
    const ends = await Promise.all([
      busy.until(busy.has.run, 'run.started'),
      busy.until(busy.has.run, 'run.completed'),
    ]);
    positions = ends.map(({ position }) => position);
  });
  afterAll(() => world.stop());

  /** Whatever ends what the others are asked about comes last. */
  const ending = /^(remove|cancel|archive|revoke)/;
  const names = [...Object.keys(operations), 'followEvents', 'followAgentLogs', 'getArtifactContent'].sort(
    (left, right) => Number(ending.test(left)) - Number(ending.test(right)),
  );

  const routeOf = (operationId: string): Route => {
    const route = document.routes.find((one) => one.operationId === operationId);
    if (!route) throw new Error(`The document has no ${operationId}.`);
    return route;
  };

  const escaped = (text: string): string => encodeURIComponent(text.toWellFormed());

  const idFor = (route: Route, { name, example }: Parameter): Arbitrary<string> => {
    const kind = kindOf(route, name);
    const { has } = world.busy;
    const kept = kind === null ? [String(example ?? 1)] : [has[kind]];
    const real =
      kind === 'run'
        ? [has.run, has.waiting]
        : [...kept, ...(kind === 'workflow' ? ['architect-plan-swarm'] : [])];
    const others = Object.values(world.busy.has);
    return fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...real) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
      { weight: 1, arbitrary: anyText.filter((text) => text.toWellFormed() !== '') },
    );
  };

  const valueOfQuery = ({ name, schema }: Parameter): Arbitrary<string> => {
    const kind = kindNamedBy(name);
    const real = kind === null ? [] : [fc.constant(world.busy.has[kind])];
    const places = ['after', 'from', 'to', 'at', 'cursor'].includes(name)
      ? [fc.constantFrom(...positions)]
      : [];
    return fc.oneof(...real, ...places, valueFor(schema, document.resolve).map(String), anyText);
  };

  /** A part of the query, each with a chance to be left out; now and then one that is not there, or one twice. */
  const queryFor = (route: Route): Arbitrary<string> => {
    const parts = route.parameters
      .filter((one) => one.in === 'query')
      .map((one) =>
        fc.option(
          valueOfQuery(one).map((value) => `${one.name}=${escaped(value)}`),
          {
            nil: '',
            freq: one.required === true ? 20 : 2,
          },
        ),
      );
    const more = fc.option(fc.tuple(anyText, anyText), { nil: null, freq: 1 });
    const nonsense = fc.oneof(
      { weight: 8, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: more.map((pair) => (pair === null ? '' : pair.map(escaped).join('='))) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('limit=1&limit=2', 'limit[]=1', 'cursor=bm90aGluZw', '%', '%E0%A4%A'),
      },
    );
    return fc.tuple(...parts, nonsense).map((all) => all.filter((part) => part !== '').join('&'));
  };

  const headersFor = (route: Route): Arbitrary<Record<string, string>> => {
    const header = (value: Arbitrary<string>) => fc.option(value, { freq: 1, nil: undefined });
    const of = (...values: readonly string[]) => fc.constantFrom(...values);
    return fc
      .record({
        'idempotency-key': header(fc.oneof(of('k1', 'k2', 'x'.repeat(255), 'x'.repeat(256)), fc.uuid())),
        'if-match': header(
          of('"0"', '"1"', '"999"', '*', 'W/"1"', 'x', '""', '"1", "2"', `"${'9'.repeat(30)}"`),
        ),
        'if-none-match': header(of('"0"', '*', 'x', '"1"')),
        'last-event-id': header(of(positions[0] ?? '', 'nowhere', '-1', '9'.repeat(40))),
        accept: header(of('application/json', '*/*', 'text/xml', ';', 'text/event-stream')),
        'partitura-organization': header(
          of(world.busy.organization, world.other.organization, 'nobody', '../', 'B'),
        ),
      })
      .map((all) => {
        const given = Object.entries(all).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        );
        // Most of the time little is said beside the request itself.
        return Object.fromEntries(given.slice(0, route.method === 'get' ? 2 : 3));
      });
  };

  const bodyFor = (route: Route): Arbitrary<Pick<Asked, 'body' | 'raw'>> => {
    const { body: described } = route;
    const raw = fc
      .constantFrom(
        '{',
        '[]',
        'null',
        '""',
        '{"a":1,}',
        '\ufeff{}',
        '{"__proto__":{"x":1}}',
        '['.repeat(20_000),
      )
      .map((text): Pick<Asked, 'raw'> => ({ raw: text }));
    if (described === null) return fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, raw);
    const at = { earlier: positions[0] ?? '', now: positions[1] ?? '' };
    const given = JSON.stringify(exampleRequests(document, world.busy.has, at)(route).body ?? {});
    const example: unknown = JSON.parse(given.replaceAll('/srv/git/link-shortener', world.busy.repository));
    const made = valueFor(described.schema ?? {}, document.resolve);
    const good = fc.oneof(fc.constant(example), made);
    const broken = fc.oneof(fc.constant(example), made).chain(spoiled);
    const json = (value: Arbitrary<unknown>) => value.map((body) => ({ body: body ?? null }));
    return fc.oneof(
      { weight: 4, arbitrary: json(good) },
      { weight: 5, arbitrary: json(broken) },
      { weight: 1, arbitrary: raw },
    );
  };

  const types = fc.oneof(
    { weight: 9, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'text/plain',
        'application/xml',
        'application/json; charset=latin1',
        'x',
        'multipart/form-data',
      ),
    },
  );

  const requestFor = (route: Route) =>
    fc
      .record({
        ids: fc.tuple(...route.parameters.filter((one) => one.in === 'path').map((one) => idFor(route, one))),
        query: queryFor(route),
        headers: headersFor(route),
        body: route.method === 'get' ? fc.constant({}) : bodyFor(route),
        type: types,
      })
      .map(({ ids, query, headers, body, type }) => {
        let next = 0;
        const path = route.path.replaceAll(/\{\w+\}/g, () => escaped(ids[next++] ?? ''));
        const typed = Object.keys(body).length > 0 ? { 'content-type': type } : {};
        return {
          path: `${path}${query === '' ? '' : `?${query}`}`,
          ...body,
          headers: { ...headers, ...typed },
        };
      });

  /** What is wrong with an answer to anything at all; null when nothing is. */
  const faultOf = (route: Route, answer: Answer): string | null => {
    const { status, json } = answer;
    // A position that is none of the past is waited for, and then said to be too far.
    const awaited = status === 503 && Reflect.get(Object(json), 'code') === 'READ_MODEL_BEHIND';
    if (status >= 500 && !awaited) return `${status} ${answer.text}\n${world.server.errors.at(-1) ?? ''}`;
    if (status >= 400) return document.problemFaults(json);
    return route.streams || status === 304 ? null : document.faultsIn(route, status, json);
  };

  describe(`${requests} requests such as somebody may send, to`, () => {
    it.each(names)(
      '%s, are answered, none with an error of the server',
      async (name) => {
        const route = routeOf(name);
        await fc.assert(
          fc.asyncProperty(requestFor(route), async ({ path, ...asked }) => {
            const answer = await world.server.ask(route.method, path, asked);
            taken.set(name, (taken.get(name) ?? 0) + Number(answer.status < 400));
            expect(faultOf(route, answer)).toBeNull();
          }),
          { numRuns: requests, interruptAfterTimeLimit: 600_000, markInterruptAsFailure: true },
        );
      },
      600_000,
    );

    it('say little of an operation that refuses them all, so few do', () => {
      const refused = names.filter((name) => !taken.get(name));
      expect(refused.length).toBeLessThan(names.length / 3);
    });
  });
};
