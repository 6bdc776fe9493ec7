import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { BlobStore } from '../../blobs/port.ts';
import { sha256 } from '../../canonical/index.ts';
import { agentEvents } from '../../events/agent-events.ts';
import { noUsage } from '../../events/values.ts';
import { ModelError } from '../errors.ts';
import type { ChatAnswer, ChatMessage, ChatModel, ChatRequest } from '../port.ts';
import { priceTable } from '../prices/index.ts';
import { nameRequestParts } from './manifest.ts';
import { recordedCalls } from './recorded-calls.ts';
import { recordedModel } from './recorded-model.ts';

const memoryBlobs = () => {
  const contents = new Map<string, string>();
  let puts = 0;
  const store: BlobStore = {
    put: async (content) => {
      puts += 1;
      const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
      contents.set(sha256(text), text);
      return sha256(text);
    },
    get: async (hash) => {
      const content = contents.get(hash);
      if (content === undefined) throw new Error(`no blob ${hash}`);
      return new TextEncoder().encode(content);
    },
    has: async (hash) => contents.has(hash),
    close: async () => undefined,
  };
  const bytes = () => [...contents.values()].reduce((sum, text) => sum + text.length, 0);
  return { store, contents, puts: () => puts, bytes };
};

const prices = priceTable();
const modelName = 'anthropic/claude-sonnet-5-5';
const usage = { ...noUsage, inputTokens: 10, outputTokens: 5, costMicroUsd: 70, calls: 1 };
const plain = (text: string): ChatAnswer => ({
  model: modelName,
  content: [{ kind: 'text', text }],
  structured: null,
  stopReason: 'end',
  usage,
});
const answering = (answer: () => ChatAnswer): ChatModel => ({
  provider: 'test',
  chat: async () => answer(),
  measure: (request) => prices.measure(request),
});
const says = (role: ChatMessage['role'], text: string): ChatMessage => ({
  role,
  content: [{ kind: 'text', text }],
});
const request = (messages: readonly ChatMessage[], extra: Partial<ChatRequest> = {}): ChatRequest => ({
  model: modelName,
  system: 'You build.',
  messages,
  tools: [],
  answer: null,
  maxOutputTokens: 100,
  temperature: null,
  ...extra,
});
const options = { signal: new AbortController().signal };
const open = (redact: (text: string) => string = (text) => text) => {
  const blobs = memoryBlobs();
  const calls = recordedCalls({
    blobs: blobs.store,
    clock: { now: () => 1_000, sleep: async () => undefined },
    redact,
  });
  return { blobs, calls };
};
const schema = z.strictObject({ tasks: z.array(z.string()).min(1) });
const answer = { name: 'tasks', schema, jsonSchema: z.toJSONSchema(schema) as Record<string, unknown> };
const tools = [
  {
    name: 'read_file',
    description: 'Reads.',
    parameters: { type: 'object', properties: { path: { type: 'string' } } },
  },
];

describe('recorded calls', () => {
  it('reads the request back as it was asked', async () => {
    const { calls } = open();
    const asked = request(
      [
        says('user', 'Read it.'),
        {
          role: 'assistant',
          content: [{ kind: 'tool_call', id: 'c1', tool: 'read_file', arguments: { path: 'a.txt' } }],
        },
        { role: 'user', content: [{ kind: 'tool_result', id: 'c1', content: 'hello', failed: false }] },
      ],
      { tools, answer, temperature: 0.2 },
    );
    const requested = await calls.prepare(
      answering(() => plain('x')),
      asked,
      { callId: 'a.1', purpose: 'act' },
    );
    agentEvents['model.requested'].schema.parse(requested.data);
    const read = await calls.recallRequest(requested);
    expect({ ...read, answer: null }).toEqual({ ...asked, answer: null });
    expect(read.answer?.name).toBe('tasks');
    expect(read.answer?.jsonSchema).toEqual(answer.jsonSchema);
    expect(read.answer?.schema.safeParse({ tasks: [] }).success).toBe(false);
    expect(read.answer?.schema.safeParse({ tasks: ['T1'] }).success).toBe(true);
  });

  it('knows what a request is made of, as far as it is there', async () => {
    const { calls, blobs } = open();
    const messages = [says('user', 'First.'), says('assistant', 'Second.'), says('user', 'Third.')];
    const model = answering(() => plain('x'));
    const asked = request(messages, { tools, answer });
    const { data } = await calls.prepare(model, asked, { callId: 'a.1', purpose: 'act' });
    const named = async () => {
      const names = new Set([data.request.hash]);
      await nameRequestParts(blobs.store, data.request.hash, names);
      return names;
    };
    const whole = await named();
    expect([...whole].sort()).toEqual([...blobs.contents.keys()].sort());
    const second = [...blobs.contents].find(([, text]) => text.includes('Second.'))?.[0] ?? '';
    blobs.contents.delete(second);
    const first = [...blobs.contents].find(([, text]) => text.includes('First.'))?.[0];
    expect([...whole.difference(await named())]).toEqual([first]);
    blobs.contents.clear();
    expect([...(await named())]).toEqual([data.request.hash]);
  });

  it('stores a long conversation once, not once for each call', async () => {
    const { calls, blobs } = open();
    const model = answering(() => plain('x'));
    const messages: ChatMessage[] = [];
    for (let turn = 0; turn < 200; turn += 1) {
      messages.push(says(turn % 2 === 0 ? 'user' : 'assistant', `turn ${turn} ${'x'.repeat(1_000)}`));
      await calls.prepare(model, request([...messages]), { callId: `a.${turn}`, purpose: 'act' });
    }
    // 200 links and 200 manifests, each of about 300 bytes besides the text; written anew each time it would be 20 MB.
    expect(blobs.puts()).toBe(200 + 200 + 1);
    expect(blobs.bytes()).toBeLessThan(200 * 1_000 + 400 * 400);
  });

  it('gives the same request the same hash, whoever built it', async () => {
    const first = open().calls;
    const second = open().calls;
    const build = () =>
      request([says('user', 'a'), says('assistant', 'b'), says('user', 'c')], {
        tools: structuredClone(tools),
      });
    expect(first.requestHash(build())).toBe(second.requestHash(build()));
    expect(first.requestHash(build())).not.toBe(
      first.requestHash(request([says('user', 'a'), says('user', 'c')], { tools })),
    );
  });

  it('answers what it recorded, and recalls exactly that', async () => {
    const { calls } = open();
    const model = answering(() => ({ ...plain('{"tasks":["T1"]}'), structured: { tasks: ['T1'] } }));
    const outcome = await calls.perform(model, request([says('user', 'a')]), 'a.1', options);
    if (outcome.outcome !== 'answered') throw outcome.error;
    agentEvents['model.answered'].schema.parse(outcome.event.data);
    expect(await calls.recall(outcome.event)).toEqual(outcome.answer);
    expect(outcome.answer.structured).toEqual({ tasks: ['T1'] });
  });

  it('lets no secret into a blob or an event, not even one that JSON would escape', async () => {
    const secret = 'pass"word\n1';
    const { calls, blobs } = open((text) => text.replaceAll(secret, '[redacted]'));
    const model = answering(() => ({
      ...plain(`it is ${secret}`),
      content: [{ kind: 'tool_call', id: 'c', tool: 'write_file', arguments: { content: `x${secret}` } }],
      structured: { deep: [secret] },
    }));
    const asked = request([says('user', `secret ${secret}`)], { system: secret });
    const requested = await calls.prepare(model, asked, { callId: 'a.1', purpose: 'act' });
    const outcome = await calls.perform(model, asked, 'a.1', options);
    if (outcome.outcome !== 'answered') throw outcome.error;
    const everything = JSON.stringify([
      [...blobs.contents.values()].map((text) => JSON.parse(text)),
      requested,
      outcome.event,
    ]);
    expect(everything).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(outcome.answer).toEqual(await calls.recall(outcome.event));
  });

  it('records a failure with what it cost', async () => {
    const { calls } = open();
    const failing: ChatModel = {
      ...answering(() => plain('')),
      chat: async () => {
        throw new ModelError('MODEL_RATE_LIMITED', 'Slow down.', {
          provider: 'anthropic',
          model: modelName,
          retryAfterMs: 60_000,
          usage,
        });
      },
    };
    const outcome = await calls.perform(failing, request([says('user', 'a')]), 'a.1', options);
    if (outcome.outcome !== 'failed') throw new Error('It should have failed.');
    agentEvents['model.failed'].schema.parse(outcome.event.data);
    expect(outcome.event.data).toEqual({
      callId: 'a.1',
      model: modelName,
      problem: { code: 'MODEL_RATE_LIMITED', message: 'Slow down.' },
      usage,
      retryAfterMs: 60_000,
    });
  });

  it('does not take a defect for an outcome', async () => {
    const { calls } = open();
    const broken: ChatModel = {
      ...answering(() => plain('')),
      chat: async () => {
        throw new TypeError('defect');
      },
    };
    await expect(calls.perform(broken, request([]), 'a.1', options)).rejects.toThrow(TypeError);
  });

  it('refuses to prepare what has no price', async () => {
    const { calls, blobs } = open();
    const prepared = calls.prepare(
      answering(() => plain('')),
      request([says('user', 'a')], { model: 'openai-compatible/mine' }),
      {
        callId: 'a.1',
        purpose: 'act',
      },
    );
    await expect(prepared).rejects.toMatchObject({
      code: 'MODEL_PRICE_UNKNOWN',
      advice: expect.stringContaining('PARTITURA_MODEL_PRICES'),
    });
    expect(blobs.puts()).toBe(0);
  });
});

describe('the recorded model', () => {
  const record = async (answers: readonly ChatAnswer[], asked: ChatRequest) => {
    const { calls } = open();
    const events: { type: string; data: unknown }[] = [];
    for (const [index, given] of answers.entries()) {
      const model = answering(() => given);
      events.push(await calls.prepare(model, asked, { callId: `a.${index}`, purpose: 'act' }));
      events.push((await calls.perform(model, asked, `a.${index}`, options)).event);
    }
    return {
      model: recordedModel({ calls, prices, events: [{ type: 'agent.spawned', data: {} }, ...events] }),
      calls,
    };
  };

  it('answers the same request with what was recorded, in order', async () => {
    const asked = request([says('user', 'a')]);
    const { model } = await record([plain('one'), plain('two')], asked);
    const texts: ChatAnswer['content'][] = [];
    for (let turn = 0; turn < 3; turn += 1) texts.push((await model.chat(asked, options)).content);
    expect(texts).toEqual([plain('one').content, plain('two').content, plain('two').content]);
    expect((await model.answerTo('a.0')).content).toEqual(plain('one').content);
  });

  it('refuses what was never asked', async () => {
    const { model } = await record([plain('one')], request([says('user', 'a')]));
    await expect(model.chat(request([says('user', 'b')]), options)).rejects.toMatchObject({
      code: 'MODEL_NOT_RECORDED',
    });
    await expect(model.answerTo('a.7')).rejects.toMatchObject({ code: 'MODEL_NOT_RECORDED' });
  });
});
