import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { examples } from '@partitura/shared/http';
import { startGateway } from '../testing/gateway-under-test.ts';
import { longestKept, mostKept, persistedQueries } from './persisted-queries.ts';

let server: Awaited<ReturnType<typeof startGateway>>;
let asked: number;

beforeEach(async () => {
  asked = 0;
  const answers = (name: 'getRun' | 'listRuns' | 'resumeRun') => async () => {
    asked += 1;
    return structuredClone(examples[name]?.result) as never;
  };
  const [getRun, listRuns, resumeRun] = [answers('getRun'), answers('listRuns'), answers('resumeRun')];
  server = await startGateway({ operations: { getRun, listRuns, resumeRun } });
});
afterEach(() => server.stop());

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const named = (text: string, version = 1) => ({ persistedQuery: { version, sha256Hash: hashOf(text) } });

interface Answer {
  readonly status: number;
  readonly json: object;
}

const post = async (body: object): Promise<Answer> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: Object(await answer.json()) };
};

const get = async (given: Readonly<Record<string, string>>): Promise<Answer> => {
  const answer = await fetch(`${server.url}/graphql?${new URLSearchParams(given)}`);
  return { status: answer.status, json: Object(await answer.json()) };
};

const notFound = {
  status: 200,
  json: {
    errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
  },
};
const query = 'query ($id: ID!) { run(id: $id) { status } }';
const variables = { id: 'r_1' };
const done = { status: 200, json: { data: { run: { status: expect.any(String) } } } };

describe('a query by its hash', () => {
  it('is asked for, sent once, and known from then on', async () => {
    expect(await post({ extensions: named(query), variables })).toMatchObject(notFound);
    expect(asked).toBe(0);
    expect(await post({ query, extensions: named(query), variables })).toMatchObject(done);
    expect(await post({ extensions: named(query), variables })).toMatchObject(done);
    const given = { extensions: JSON.stringify(named(query)), variables: JSON.stringify(variables) };
    expect(await get(given)).toMatchObject(done);
    expect(asked).toBe(3);
  });

  it('that came without its hash is not kept', async () => {
    expect(await post({ query, variables })).toMatchObject(done);
    expect(await post({ extensions: named(query), variables })).toMatchObject(notFound);
  });

  it('of another text, another version, or none is refused', async () => {
    const other = await post({ query, extensions: named('{ __typename }'), variables });
    expect(other).toMatchObject({
      status: 400,
      json: { errors: [{ message: expect.stringContaining('sha') }] },
    });
    expect(await post({ extensions: named(query, 2), variables })).toMatchObject({
      json: { errors: [{ message: 'PersistedQueryNotSupported' }] },
    });
    for (const persistedQuery of [7, null, {}, { version: 1, sha256Hash: 'x' }])
      expect(await post({ extensions: { persistedQuery } })).toMatchObject({ status: 400 });
    expect(asked).toBe(0);
  });

  it('may ask for no more than by its text', async () => {
    const deep = `{ run(id: "r_1") { ${'project { runs { items { '.repeat(6)}id${' } } }'.repeat(6)} } }`;
    expect(await post({ query: deep, extensions: named(deep) })).toMatchObject({ status: 400 });
    expect(await post({ extensions: named(deep) })).toMatchObject(notFound);
    const lists = 'query ($n: Long) { runs(limit: $n) { items { id tasks(limit: 50) { items { id } } } } }';
    const code = 'GRAPHQL_TOO_COSTLY';
    expect(await post({ query: lists, extensions: named(lists), variables: { n: 1 } })).toMatchObject({
      status: 200,
    });
    const before = asked;
    expect(await post({ extensions: named(lists), variables: { n: 500 } })).toMatchObject({
      status: 400,
      json: { errors: [{ extensions: { code } }] },
    });
    expect(asked).toBe(before);
    const mutation = 'mutation { resumeRun(id: "r_1") { id } }';
    await post({ query: mutation, extensions: named(mutation) });
    expect(await get({ extensions: JSON.stringify(named(mutation)) })).toMatchObject({ status: 405 });
  });
});

describe('what is kept', () => {
  it('is so many texts of no more than such a length', async () => {
    const { saveQuery, getQueryFromHash } = persistedQueries();
    if (!saveQuery) throw new Error('Nothing is kept.');
    await saveQuery('long', 'x'.repeat(longestKept + 1));
    expect(await getQueryFromHash('long')).toBeUndefined();
    for (let count = 0; count <= mostKept; count += 1) await saveQuery(String(count), '{ id }');
    expect(await getQueryFromHash('0')).toBeUndefined();
    expect(await getQueryFromHash(String(mostKept))).toBe('{ id }');
  });
});
