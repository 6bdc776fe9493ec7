import { z } from 'zod';
import { sha256 } from '../../canonical/index.ts';
import { noUsage } from '../../events/values.ts';
import type { ChatModel, ChatRequest } from '../port.ts';
import { priceTable } from '../prices/index.ts';
import { chatModelContract } from '../testing/index.ts';
import { recordedCalls } from './recorded-calls.ts';
import { recordedModel } from './recorded-model.ts';

const prices = priceTable();
const schema = z.strictObject({ yes: z.boolean() });
const plain: ChatRequest = {
  model: 'anthropic/claude-opus-5-5',
  system: 'You are terse.',
  messages: [{ role: 'user', content: [{ kind: 'text', text: 'Is it?' }] }],
  tools: [],
  answer: null,
  maxOutputTokens: 100,
  temperature: null,
};
const structured: ChatRequest = {
  ...plain,
  answer: {
    name: 'verdict',
    schema,
    jsonSchema: z.toJSONSchema(schema) as Readonly<Record<string, unknown>>,
  },
};
const asked: ChatModel = {
  provider: 'anthropic',
  measure: (request) => prices.measure(request),
  chat: async (request) => ({
    model: request.model,
    content: [{ kind: 'text', text: request.answer === null ? 'It is.' : '{"yes":true}' }],
    structured: request.answer === null ? null : { yes: true },
    stopReason: 'end',
    usage: { ...noUsage, inputTokens: 5, outputTokens: 5, costMicroUsd: 120, calls: 1 },
  }),
};

chatModelContract('recorded', async () => {
  const contents = new Map<string, string>();
  const calls = recordedCalls({
    clock: { now: () => 0, sleep: async () => undefined },
    redact: (text) => text,
    blobs: {
      put: async (content) => {
        const text = String(content);
        contents.set(sha256(text), text);
        return sha256(text);
      },
      get: async (hash) => new TextEncoder().encode(contents.get(hash)),
      has: async (hash) => contents.has(hash),
      close: async () => undefined,
    },
  });
  const events: { type: string; data: unknown }[] = [];
  for (const [index, request] of [plain, structured].entries()) {
    const callId = `a.${index}`;
    events.push(await calls.prepare(asked, request, { callId, purpose: 'act' }));
    events.push(
      (await calls.perform(asked, request, callId, { signal: new AbortController().signal })).event,
    );
  }
  return { model: recordedModel({ calls, prices, events }), plain, structured, close: async () => undefined };
});
