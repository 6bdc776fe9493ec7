import specs from '@asyncapi/specs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registry } from '@partitura/shared/events';
import { type Operation, operations } from '@partitura/shared/http';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { startGateway } from '../testing/gateway-under-test.ts';

let server: Awaited<ReturnType<typeof startGateway>>;
let openApi: Document;
let asyncApi: AsyncDocument;

interface Answer {
  readonly content?: Record<string, { schema?: object; example?: unknown }>;
  readonly $ref?: string;
}
interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: string[];
  readonly parameters: { name?: string; $ref?: string }[];
  readonly requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  readonly responses: Record<string, Answer>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { schemas: Record<string, object>; responses: Record<string, Answer> };
}
interface AsyncDocument {
  readonly channels: Record<string, { messages: object }>;
  readonly components: {
    messages: Record<string, { 'x-version': number; 'x-owner': string; summary: string }>;
  };
}

beforeAll(async () => {
  server = await startGateway();
  const read = async (path: string): Promise<unknown> => (await fetch(`${server.url}${path}`)).json();
  openApi = (await read('/api/openapi.json')) as Document;
  asyncApi = (await read('/api/asyncapi.json')) as AsyncDocument;
});
afterAll(() => server.stop());

const described = () =>
  Object.entries(openApi.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the OpenAPI document', () => {
  it('is one', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(openApi)));
    expect(JSON.stringify(errors ?? null).slice(0, 2_000)).toBe('null');
    expect(valid).toBe(true);
  });

  it('has every operation, where it is, and every other route of the API', () => {
    const inDocument = new Map(
      described().map(({ path, method, operation }) => [operation.operationId, `${method} ${path}`]),
    );
    for (const [name, { method, path }] of Object.entries(operations) as [string, Operation][])
      expect(inDocument.get(name)).toBe(
        `${method.toLowerCase()} /api/v1${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`,
      );
    expect([...inDocument.keys()]).toEqual(
      expect.arrayContaining(['followEvents', 'followAgentLogs', 'getArtifactContent']),
    );
    expect(inDocument.size).toBe(described().length);
  });

  it('says of each what it does, what it needs, and how it fails', () => {
    for (const { operation, method } of described()) {
      const where = operation.operationId;
      expect([where, operation.summary, operation.description]).not.toContain('');
      expect(operation.tags).toHaveLength(1);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['400', '401', '403', '500', '503']),
      );
      const headers = operation.parameters.map(({ $ref }) => $ref);
      if (method !== 'get' && !where.startsWith('receive'))
        expect([where, ...headers]).toContain('#/components/parameters/IdempotencyKey');
    }
  });

  it('has named what it shows, and every reference leads somewhere', () => {
    expect(Object.keys(openApi.components.schemas)).toEqual(
      expect.arrayContaining([
        'Run',
        'Task',
        'Agent',
        'Project',
        'CloudEvent',
        'Problem',
        'Accepted',
        'Webhook',
        'ApiKey',
      ]),
    );
    const references = JSON.stringify(openApi).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path = ''] of references) {
      const target = path.split('/').reduce<unknown>((at, key) => Reflect.get(Object(at), key), openApi);
      expect([path, typeof target]).toEqual([path, 'object']);
    }
  });

  it('has examples that keep the schemas beside them', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...openApi, $id: 'document' });
    const check = (where: string, schema: object | undefined, example: unknown): void => {
      const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object;
      const validate = ajv.compile(local);
      expect([where, validate(example), validate.errors]).toEqual([where, true, null]);
    };
    for (const { operation } of described().filter(({ operation: one }) => one.operationId in operations)) {
      const where = operation.operationId;
      const body = operation.requestBody?.content['application/json'];
      if (body) check(`${where} body`, body.schema, body.example ?? {});
      const answer = Object.values(operation.responses)[0]?.content?.['application/json'];
      if (answer) check(`${where} answer`, answer.schema, answer.example);
    }
    for (const [name, { content }] of Object.entries(openApi.components.responses)) {
      const problem = content?.['application/problem+json'];
      check(name, problem?.schema, problem?.example);
    }
  });
});

describe('the AsyncAPI document', () => {
  it('is one', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
    const validate = ajv.compile(JSON.parse(JSON.stringify(specs.schemas['3.0.0'])));
    const valid = validate(asyncApi);
    expect(validate.errors?.slice(0, 3) ?? null).toBeNull();
    expect(valid).toBe(true);
  });

  it('has every event that leaves the house, with its version, its owner and what it says', () => {
    for (const [category, contracts] of Object.entries(registry)) {
      if (category === 'command') continue;
      for (const [type, { version, description }] of Object.entries(contracts)) {
        expect(asyncApi.components.messages[type]).toMatchObject({
          'x-version': version,
          summary: description,
        });
        expect(asyncApi.components.messages[type]?.['x-owner']).toMatch(/^[a-z]/);
        expect(Object.keys(asyncApi.channels[category]?.messages ?? {})).toContain(type);
      }
    }
    expect(Object.keys(asyncApi.components.messages).filter((type) => type.startsWith('command.'))).toEqual(
      [],
    );
  });
});

describe('the page', () => {
  it('shows the document with nothing from elsewhere', async () => {
    const page = await fetch(`${server.url}/api/docs`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('swagger-ui');
    for (const [, source = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      const file = await fetch(new URL(source, `${server.url}/api/docs`));
      expect([source, file.status, (await file.arrayBuffer()).byteLength > 0]).toEqual([source, 200, true]);
    }
    expect(await (await fetch(`${server.url}/api/docs/json`)).json()).toEqual(openApi);
  });
});
