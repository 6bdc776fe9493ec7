import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, type Asked, fieldIn } from './testing/asking.ts';
import { type ApiDocument, type Route, readDocument } from './testing/document.ts';
import { pathOf } from './testing/requests.ts';
import { bootstrapKey, type Server, startServer } from './testing/server.ts';
import { foundTenant, type Tenant } from './testing/tenant.ts';

let server: Server;
let tenant: Tenant;
let document: ApiDocument;
beforeAll(async () => {
  server = await startServer({ PARTITURA_API_KEY: bootstrapKey, PARTITURA_AUTH: 'required' });
  tenant = await foundTenant(server, 'bergen');
  document = await readDocument(server.ask, bootstrapKey);
});
afterAll(() => server.stop());

const ask = (method: string, path: string, asked: Asked = {}): Promise<Answer> =>
  server.ask(method, `/api/v1${path}`, { key: tenant.keys.owner.secret, ...asked });
const json = { 'content-type': 'application/json' };

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { readonly path: string }[];
}
const problemIn = ({ json: problem }: Answer): Problem => problem as Problem;
const pathsIn = (answer: Answer): readonly string[] =>
  (problemIn(answer).errors ?? []).map(({ path }) => path);
const faultsOver = async (
  routes: readonly Route[],
  wanted: readonly [status: number, code: string, path?: string],
  asked: (route: Route) => Asked,
): Promise<readonly unknown[]> => {
  const [status, code, path] = wanted;
  const faults: unknown[] = [];
  for (const route of routes) {
    const answer = await server.ask(
      route.method,
      pathOf(route, () => '1'),
      {
        key: tenant.keys.owner.secret,
        ...asked(route),
      },
    );
    const said = problemIn(answer);
    const good =
      said?.status === status && said.code === code && (path === undefined || pathsIn(answer).includes(path));
    if (!good) faults.push([route.operationId, answer.status, answer.text.slice(0, 300)]);
  }
  return faults;
};

describe('every operation with a body', () => {
  const taking = () => document.routes.filter(({ body }) => body !== null);

  it('refuses what is no JSON object, by its path', async () => {
    // Of no schema but the definition's own, which is looked at by its owner.
    const strict = taking().filter(({ operationId }) => operationId !== 'publishWorkflow');
    const asked = () => ({ body: ['x'] });
    expect(await faultsOver(strict, [400, 'BAD_REQUEST', 'body'], asked)).toEqual([]);
    const unknown = () => ({ body: { nonsense: 1 } });
    expect(await faultsOver(strict, [400, 'BAD_REQUEST', 'body'], unknown)).toEqual([]);
  });

  it('refuses another media type, and one that is compressed', async () => {
    const xml = () => ({ raw: '<x/>', headers: { 'content-type': 'application/xml' } });
    expect(await faultsOver(taking(), [415, 'MEDIA_TYPE_NOT_SUPPORTED'], xml)).toEqual([]);
    const zipped = () => ({ raw: '{}', headers: { ...json, 'content-encoding': 'gzip' } });
    expect(await faultsOver(taking(), [415, 'CONTENT_ENCODING_NOT_SUPPORTED'], zipped)).toEqual([]);
  });

  it('refuses more than it takes', async () => {
    const small = taking().filter(
      ({ operationId }) => !['createProject', 'reviseProjectPrd'].includes(operationId),
    );
    const huge = { raw: JSON.stringify({ text: 'x'.repeat(1_100_000) }), headers: json };
    expect(await faultsOver(small, [413, 'BODY_TOO_LARGE'], () => huge)).toEqual([]);
  });
});

describe('every list', () => {
  const paged = () =>
    document.routes.filter(
      ({ path, parameters }) =>
        parameters.some(({ name }) => name === 'cursor') &&
        (!path.includes('{') || path.startsWith('/api/v1/projects/')),
    );

  it.each([
    ['cursor=nonsense', /^BAD_CURSOR$|^BAD_REQUEST$/],
    ['limit=0', /^BAD_REQUEST$/],
    ['limit=501', /^BAD_REQUEST$/],
    ['limit=many', /^BAD_REQUEST$/],
    ['after=nowhere', /^INVALID_POSITION$/],
  ])('refuses %s', async (query, code) => {
    const said: unknown[] = [];
    for (const route of paged()) {
      const path = pathOf(route, () => tenant.project);
      const { operationId } = route;
      const answer = await server.ask('GET', `${path}?${query}`, { key: tenant.keys.owner.secret });
      if (answer.status !== 400 || !code.test(problemIn(answer).code)) said.push([operationId, answer.text]);
    }
    expect(said).toEqual([]);
    expect(paged().length).toBeGreaterThan(8);
  });
});

describe('a project', () => {
  const path = () => `/projects/${tenant.project}`;

  it('is not changed by who saw an older one', async () => {
    const { headers } = await ask('GET', path());
    const match = { 'if-match': headers.get('etag') ?? '' };
    expect((await ask('PATCH', path(), { headers: match, body: { name: 'First' } })).status).toBe(200);
    const late = await ask('PATCH', path(), { headers: match, body: { name: 'Second' } });
    expect(problemIn(late)).toMatchObject({ status: 412, code: 'STALE_REVISION' });
  });

  it('is not made twice, nor another under the same key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await ask('POST', `${path()}/clone`, { headers, body: { name: 'Copy' } });
    const again = await ask('POST', `${path()}/clone`, { headers, body: { name: 'Copy' } });
    expect([again.status, fieldIn(again, 'id')]).toEqual([201, fieldIn(first, 'id')]);
    const other = await ask('POST', `${path()}/clone`, { headers, body: { name: 'Other' } });
    expect(problemIn(other)).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it.each<readonly [string, unknown, number, string, string | null]>([
    ['a name of another type', { name: 7 }, 400, 'BAD_REQUEST', 'body.name'],
    ['a budget below nothing', { budget: { usd: -1 } }, 400, 'BAD_REQUEST', 'body.budget.usd'],
    ['an unknown field within', { budget: { euros: 1 } }, 400, 'BAD_REQUEST', 'body.budget'],
    ['a list of other things', { stack: ['node', 7] }, 400, 'BAD_REQUEST', 'body.stack.1'],
    ['a way of working that is not there', { workflow: 'nowhere' }, 422, 'UNKNOWN_WORKFLOW', null],
  ])('takes no %s', async (_, body, status, code, field) => {
    const answer = await ask('PATCH', path(), { body });
    expect(problemIn(answer)).toMatchObject({ code, status });
    expect(field === null || pathsIn(answer).includes(field)).toBe(true);
  });
});
