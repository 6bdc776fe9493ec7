import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { ChatModel, ChatRequest } from '../port.ts';
import { priceTable } from '../prices/index.ts';
import {
  chatModelContract,
  providerContract,
  type Respond,
  scripted,
  serves,
  startOpenAiServer,
  type WireServer,
} from '../testing/index.ts';
import { azureModel, compatibleModel, openAiModel } from './openai-model.ts';

const prices = priceTable();
type Build = (url: string) => ChatModel;
const builds: Readonly<Record<string, { readonly name: string; readonly build: Build }>> = {
  openai: { name: 'openai/gpt-4o', build: (baseUrl) => openAiModel({ apiKey: 'sk-test', baseUrl, prices }) },
  'openai-compatible': {
    name: 'openai-compatible/deepseek-flash',
    build: (baseUrl) => compatibleModel({ baseUrl, prices }),
  },
  azure: {
    name: 'azure/gpt-4.1',
    build: (url) => azureModel({ apiKey: 'azure-key', endpoint: url.replace(/\/v1$/, '/'), prices }),
  },
};
const open = async (respond: Respond, build: Build, name: string) => {
  const server = await startOpenAiServer({ respond });
  return { model: build(server.url), name, requests: server.requests, close: server.close };
};

const schema = z.strictObject({ yes: z.boolean() });
const answer = { name: 'verdict', schema, jsonSchema: z.toJSONSchema(schema) as Record<string, unknown> };
const request = (model: string, extra: Partial<ChatRequest> = {}): ChatRequest => ({
  model,
  system: 'You are terse.',
  messages: [{ role: 'user', content: [{ kind: 'text', text: 'Is it?' }] }],
  tools: [],
  answer: null,
  maxOutputTokens: 500,
  temperature: null,
  ...extra,
});
const tools = [{ name: 'a', description: 'b', parameters: { type: 'object', properties: {} } }];
const options = { signal: new AbortController().signal };

for (const [provider, { name, build }] of Object.entries(builds)) {
  providerContract(provider, (respond) => open(respond, build, name));
  chatModelContract(provider, async () => {
    const subject = await open(
      ({ request: asked }) => (asked.answer === null ? serves.text('It is so.') : serves.json({ yes: true })),
      build,
      name,
    );
    return { ...subject, plain: request(name), structured: request(name, { answer }) };
  });
}

describe('chat completions', () => {
  let server: WireServer | null = null;
  afterEach(() => server?.close());
  const start = async (
    respond: Respond,
    build: Build = (baseUrl) => openAiModel({ apiKey: 'sk-test', baseUrl, prices }),
  ) => {
    server = await startOpenAiServer({ respond });
    return { server, model: build(server.url) };
  };
  const bodies = (started: WireServer) => started.requests.map(({ body }) => body);

  it('are asked for in the endpoint’s own dialect, learned from what it refuses, once', async () => {
    const refusals = [
      "Unknown parameter: 'stream_options'.",
      "'response_format' of type 'json_schema' is not supported",
      'response_format: json_object only',
    ];
    const { server: started, model } = await start(
      scripted(...refusals.map(serves.badRequest), serves.json({ yes: true }), serves.json({ yes: false })),
    );
    const asked = request('openai/gpt-4o', { answer });
    expect((await model.chat(asked, options)).structured).toEqual({ yes: true });
    expect((await model.chat(asked, options)).structured).toEqual({ yes: false });
    expect(started.requests).toHaveLength(5);
    const [first, , , learned, again] = bodies(started);
    expect(first).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'verdict', strict: true } },
    });
    expect(learned).toMatchObject({ response_format: { type: 'json_object' } });
    expect(learned).not.toHaveProperty('stream_options');
    expect(JSON.stringify(learned)).toContain('JSON Schema');
    expect(again).toEqual(learned);
  });

  it('give up on an endpoint that refuses everything', async () => {
    const { server: started, model } = await start(() =>
      serves.badRequest('response_format, temperature, max_tokens: unsupported'),
    );
    await expect(model.chat(request('openai/gpt-4o', { answer }), options)).rejects.toMatchObject({
      code: 'MODEL_BAD_REQUEST',
    });
    expect(started.requests.length).toBeLessThanOrEqual(6);
  });

  it('are not asked for in another way where the way is not what was refused', async () => {
    const { server: started, model } = await start(() =>
      serves.badRequest("Invalid schema for function 'a'"),
    );
    await expect(model.chat(request('openai/gpt-4o', { tools }), options)).rejects.toMatchObject({
      code: 'MODEL_BAD_REQUEST',
    });
    expect(started.requests).toHaveLength(1);
  });

  it('with tools tell a model that reasons not to, where it has to be told', async () => {
    const { server: started, model } = await start(() => serves.text('Yes.'));
    await model.chat(request('openai/gpt-6-sol', { tools, temperature: 0.4 }), options);
    await model.chat(request('openai/gpt-6-sol'), options);
    const [withTools, without] = bodies(started);
    expect(withTools).toMatchObject({ reasoning_effort: 'none', max_completion_tokens: 500 });
    expect(withTools).not.toHaveProperty('temperature');
    expect(without).not.toHaveProperty('reasoning_effort');
  });

  it('limit a compatible endpoint by the name that it knows, and say the schema in words too', async () => {
    const build: Build = (baseUrl) => compatibleModel({ baseUrl, prices });
    const { server: started, model } = await start(() => serves.json({ yes: true }), build);
    await model.chat(request('openai-compatible/deepseek-flash', { answer }), options);
    const [body] = bodies(started);
    expect(body).toMatchObject({ max_tokens: 500 });
    expect(JSON.stringify(body)).toContain('Answer with JSON alone');
  });

  it('go to the deployment on Azure, with its key and version', async () => {
    const build: Build = (url) =>
      azureModel({ apiKey: 'azure-key', endpoint: url.replace(/\/v1$/, ''), prices });
    const { server: started, model } = await start(() => serves.text('Yes.'), build);
    await model.chat(request('azure/gpt-4.1'), options);
    expect(started.requests[0]?.headers).toMatchObject({ 'api-key': 'azure-key' });
    expect(started.requests[0]?.request.model).toBe('azure/gpt-4.1');
  });

  it('without a count of their own are counted here', async () => {
    const { model } = await start(
      scripted(serves.badRequest('stream_options is not permitted'), serves.text('Yes, it is.')),
    );
    const { usage } = await model.chat(request('openai/gpt-4o'), options);
    expect(usage.inputTokens).toBeGreaterThan(5);
    expect(usage.outputTokens).toBeGreaterThan(2);
    expect(usage.costMicroUsd).toBeGreaterThan(0);
  });
});
