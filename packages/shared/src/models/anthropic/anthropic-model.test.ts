import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { ChatRequest } from '../port.ts';
import { priceTable } from '../prices/index.ts';
import {
  chatModelContract,
  providerContract,
  type Respond,
  serves,
  startAnthropicServer,
  type WireServer,
} from '../testing/index.ts';
import { anthropicModel } from './anthropic-model.ts';

const prices = priceTable();
const open = async (respond: Respond, name: string) => {
  const server = await startAnthropicServer({ respond });
  const model = anthropicModel({ apiKey: 'sk-ant-test', baseUrl: server.url, prices });
  return { model, name, requests: server.requests, close: server.close };
};

const schema = z.strictObject({ yes: z.boolean() });
const request = (extra: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'anthropic/claude-sonnet-5-5',
  system: 'You are terse.',
  messages: [{ role: 'user', content: [{ kind: 'text', text: 'Is it?' }] }],
  tools: [],
  answer: null,
  maxOutputTokens: 500,
  temperature: null,
  ...extra,
});

providerContract('anthropic', (respond) => open(respond, 'anthropic/claude-haiku-4-5'));

chatModelContract('anthropic', async () => {
  const subject = await open(
    ({ request: asked }) => (asked.answer === null ? serves.text('It is so.') : serves.json({ yes: true })),
    '',
  );
  return {
    ...subject,
    plain: request(),
    structured: request({
      answer: { name: 'verdict', schema, jsonSchema: z.toJSONSchema(schema) as Record<string, unknown> },
    }),
  };
});

describe('the Messages API', () => {
  const servers: WireServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const start = async (apiKey: string) => {
    const server = await startAnthropicServer({ respond: () => serves.text('Yes.'), apiKey: 'sk-ant-right' });
    servers.push(server);
    return { server, model: anthropicModel({ apiKey, baseUrl: server.url, prices }) };
  };
  const options = { signal: new AbortController().signal };

  it('is spoken with the key and the version that it wants', async () => {
    const { server: started, model } = await start('sk-ant-right');
    await model.chat(request(), options);
    expect(started.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-ant-right',
      'anthropic-version': expect.stringMatching(/^20/),
    });
    const { model: other } = await start('sk-ant-wrong');
    await expect(other.chat(request(), options)).rejects.toMatchObject({ code: 'MODEL_UNAUTHORIZED' });
  });

  it('is sent a temperature only where the model takes one, and never more tokens than it gives', async () => {
    const { server: started, model } = await start('sk-ant-right');
    await model.chat(request({ temperature: 0.3, maxOutputTokens: 1_000_000 }), options);
    await model.chat(request({ temperature: 0.3, model: 'anthropic/claude-haiku-4-5' }), options);
    const [current, older] = started.requests.map(({ body }) => body);
    expect(current).not.toHaveProperty('temperature');
    expect(current).toMatchObject({ max_tokens: 128_000 });
    expect(older).toMatchObject({ temperature: 0.3 });
  });

  it('keeps an agent’s conversation in the cache, and a single question out of it', async () => {
    const { server: started, model } = await start('sk-ant-right');
    await model.chat(request(), options);
    await model.chat(
      request({ tools: [{ name: 'a', description: 'b', parameters: { type: 'object' } }] }),
      options,
    );
    const [single, agent] = started.requests.map(({ body }) => JSON.stringify(body));
    expect(single).not.toContain('cache_control');
    expect(agent).toContain('"cache_control":{"type":"ephemeral"}');
  });

  it('is sent no id that it would refuse', async () => {
    const { model } = await start('sk-ant-right');
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ kind: 'text', text: 'Go.' }] },
      { role: 'assistant', content: [{ kind: 'tool_call', id: 'r_1.T4.a1:3', tool: 'a', arguments: {} }] },
      { role: 'user', content: [{ kind: 'tool_result', id: 'r_1.T4.a1:3', content: 'ok', failed: false }] },
    ];
    await expect(model.chat(request({ messages }), options)).resolves.toMatchObject({ stopReason: 'end' });
  });
});
