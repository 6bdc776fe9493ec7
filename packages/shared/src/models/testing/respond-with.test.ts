import { afterEach, describe, expect, it } from '@jest/globals';
import { noUsage } from '../../events/values.ts';
import { answerSpecification } from '../../prompts/answers.ts';
import { anthropicModel } from '../anthropic/index.ts';
import { openAiModel } from '../openai/index.ts';
import type { ChatModel, ChatRequest } from '../port.ts';
import { priceTable } from '../prices/index.ts';
import { respondWith, startAnthropicServer, startOpenAiServer, type WireServer } from './index.ts';

const prices = priceTable();
const reflection = { summary: 'Done.', learnings: ['Test first.'], decisions: [], nextImprovement: null };

/** Answers as the rehearsal would: by the name of the answer, or with a tool. */
const behind = () => {
  const asked: ChatRequest[] = [];
  const model: ChatModel = {
    provider: 'behind',
    measure: (request) => prices.measure(request),
    chat: async (request) => {
      asked.push(request);
      const common = { model: request.model, usage: noUsage };
      if (request.answer?.name === 'reflection') {
        return { ...common, content: [], structured: reflection, stopReason: 'end' };
      }
      return {
        ...common,
        content: [{ kind: 'tool_call', id: 'c1', tool: 'read_file', arguments: { path: 'a' } }],
        structured: null,
        stopReason: 'tool_use',
      };
    },
  };
  return { model, asked };
};

const protocols = [
  {
    provider: 'anthropic',
    name: 'anthropic/claude-opus-5-5',
    start: startAnthropicServer,
    build: (baseUrl: string) => anthropicModel({ apiKey: 'k', baseUrl, prices }),
  },
  {
    provider: 'openai',
    name: 'openai/gpt-6-sol',
    start: startOpenAiServer,
    build: (baseUrl: string) => openAiModel({ apiKey: 'k', baseUrl, prices }),
  },
];

describe.each(protocols)('another model behind the protocol of $provider', ({ name, start, build }) => {
  let server: WireServer | null = null;
  afterEach(() => server?.close());
  const request: ChatRequest = {
    model: name,
    system: 'You reflect.',
    messages: [{ role: 'user', content: [{ kind: 'text', text: 'What did you learn?' }] }],
    tools: [],
    answer: null,
    maxOutputTokens: 1_000,
    temperature: null,
  };

  it('is asked for the same, and answers the same, at a price', async () => {
    const { model, asked } = behind();
    server = await start({ respond: respondWith(model, 'rehearsal/rehearsal') });
    const client = build(server.url);
    const options = { signal: new AbortController().signal };
    const structured = await client.chat({ ...request, answer: answerSpecification('reflection') }, options);
    expect(structured.structured).toEqual(reflection);
    expect(structured.usage.costMicroUsd).toBeGreaterThan(0);
    const tools = [
      { name: 'read_file', description: 'Reads.', parameters: { type: 'object', properties: {} } },
    ];
    const called = await client.chat({ ...request, tools }, options);
    expect(called).toMatchObject({
      stopReason: 'tool_use',
      content: [{ kind: 'tool_call', tool: 'read_file', arguments: { path: 'a' } }],
    });
    expect(asked[0]).toMatchObject({
      model: 'rehearsal/rehearsal',
      system: 'You reflect.',
      messages: request.messages,
    });
    expect(asked[0]?.answer?.schema.safeParse(reflection).success).toBe(true);
    expect(asked[1]?.tools).toEqual(tools);
  });
});
