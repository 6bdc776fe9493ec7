import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { noUsage } from '../../events/values.ts';
import { ModelError } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest } from '../port.ts';
import { type Respond, type ServedRequest, type ServerAnswer, scripted, serves } from './served.ts';

export interface ProviderSubject {
  /** One try for each call: nothing around the adapter. */
  readonly model: ChatModel;
  /** `provider/model`. */
  readonly name: string;
  /** Everything the server was asked. */
  readonly requests: readonly ServedRequest[];
  close(): Promise<void>;
}

const schema = z.strictObject({
  tasks: z.array(z.strictObject({ key: z.string(), points: z.int() })).min(1),
});
const answer: NonNullable<ChatRequest['answer']> = {
  name: 'plan_of_work',
  schema,
  jsonSchema: z.toJSONSchema(schema) as Readonly<Record<string, unknown>>,
};
const valid = { tasks: [{ key: 'T1', points: 3 }] };

const tools: ChatRequest['tools'] = [
  {
    name: 'read_file',
    description: 'Reads a file.',
    parameters: {
      type: 'object',
      properties: { path: { type: 'string' } },
      required: ['path'],
      additionalProperties: false,
    },
  },
];

const twoCalls = [
  { id: 'call_1', tool: 'read_file', arguments: { path: 'a "quoted" name.txt' } },
  { id: 'call_2', tool: 'read_file', arguments: { path: 'ü/b.txt', lines: [1, 2] } },
];

/** How an adapter of a provider's protocol behaves, whatever the provider answers. `open` starts a server with the script. */
export const providerContract = (
  name: string,
  open: (respond: Respond) => Promise<ProviderSubject>,
): void => {
  describe(`${name} over the wire`, () => {
    let subject: ProviderSubject | null = null;
    let remaining: (ServerAnswer | Respond)[] = [];
    const script = (...answers: (ServerAnswer | Respond)[]): void => {
      remaining = answers;
    };
    const opened = (): ProviderSubject => {
      if (subject === null) throw new Error('Not open.');
      return subject;
    };
    beforeEach(async () => {
      subject = await open((served) => scripted(...remaining.splice(0, 1))(served));
    });
    afterEach(async () => {
      await subject?.close();
      subject = null;
    });

    const request = (extra: Partial<ChatRequest> = {}): ChatRequest => ({
      model: opened().name,
      system: 'You are terse.',
      messages: [{ role: 'user', content: [{ kind: 'text', text: 'What is to be done?' }] }],
      tools: [],
      answer: null,
      maxOutputTokens: 1_000,
      temperature: null,
      ...extra,
    });
    const chat = (
      extra: Partial<ChatRequest> = {},
      options: Partial<ChatOptions> = {},
    ): Promise<ChatAnswer> =>
      opened().model.chat(request(extra), { signal: new AbortController().signal, ...options });
    const failure = async (
      extra: Partial<ChatRequest> = {},
      options: Partial<ChatOptions> = {},
    ): Promise<ModelError> => {
      try {
        await chat(extra, options);
      } catch (error) {
        if (error instanceof ModelError) return error;
        throw error;
      }
      throw new Error('It should have failed.');
    };

    it('streams a text, with its usage and cost', async () => {
      const counts = { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 300, cacheWriteTokens: 50 };
      script({
        kind: 'answer',
        content: [{ kind: 'text', text: 'Draw the rest of the owl: 🦉.' }],
        stopReason: 'end',
        counts,
      });
      const pieces: string[] = [];
      const given = await chat({}, { onText: (text) => pieces.push(text) });
      expect(given).toMatchObject({
        model: opened().name,
        content: [{ kind: 'text', text: 'Draw the rest of the owl: 🦉.' }],
        structured: null,
        stopReason: 'end',
        usage: { ...counts, calls: 1 },
      });
      expect(given.usage.costMicroUsd).toBeGreaterThan(0);
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join('')).toBe('Draw the rest of the owl: 🦉.');
    });

    it('sends the whole conversation, and its limit', async () => {
      script(serves.text('Done.'));
      const messages: ChatRequest['messages'] = [
        { role: 'user', content: [{ kind: 'text', text: 'Read both.' }] },
        {
          role: 'assistant',
          content: [
            { kind: 'text', text: 'I will.' },
            ...twoCalls.map((call) => ({ kind: 'tool_call' as const, ...call })),
          ],
        },
        {
          role: 'user',
          content: [
            { kind: 'tool_result', id: 'call_1', content: 'one', failed: false },
            { kind: 'tool_result', id: 'call_2', content: 'no such file', failed: true },
            { kind: 'text', text: 'Go on.' },
          ],
        },
      ];
      await chat({ messages, tools });
      const [served] = opened().requests;
      expect(served?.request).toMatchObject({
        system: 'You are terse.',
        messages,
        tools,
        maxOutputTokens: 1_000,
      });
    });

    it('leaves out what says nothing', async () => {
      script(serves.text('Done.'));
      const empty = { kind: 'text' as const, text: '' };
      const [call] = twoCalls;
      if (call === undefined) throw new Error('No call.');
      await chat({
        system: '',
        tools,
        messages: [
          { role: 'user', content: [{ kind: 'text', text: 'Read.' }] },
          { role: 'assistant', content: [empty, { kind: 'tool_call', ...call }] },
          {
            role: 'user',
            content: [{ kind: 'tool_result', id: call.id, content: '', failed: false }, empty],
          },
        ],
      });
      expect(opened().requests).toHaveLength(1);
    });

    it('gives several tool calls of one answer, in order', async () => {
      script(serves.toolCalls(twoCalls, 'Reading.'));
      const given = await chat({ tools });
      expect(given.stopReason).toBe('tool_use');
      expect(given.content).toEqual([
        { kind: 'text', text: 'Reading.' },
        ...twoCalls.map((call) => ({ kind: 'tool_call', ...call })),
      ]);
    });

    it('gives a tool call without arguments', async () => {
      script(serves.toolCalls([{ id: 'call_1', tool: 'read_file', arguments: '' }]));
      expect((await chat({ tools })).content).toEqual([
        { kind: 'tool_call', id: 'call_1', tool: 'read_file', arguments: {} },
      ]);
    });

    it('refuses a tool call whose arguments are not JSON, with what it cost', async () => {
      script(serves.toolCalls([{ id: 'call_1', tool: 'read_file', arguments: '{"path": "a' }]));
      const error = await failure({ tools });
      expect(error.code).toBe('MODEL_INVALID_ANSWER');
      expect(error.message).toContain('read_file');
      expect(error.usage.calls).toBe(1);
    });

    it('asks for an answer by name and schema, and validates it', async () => {
      script(serves.json(valid));
      const given = await chat({ answer });
      expect(given.structured).toEqual(valid);
      expect(opened().requests[0]?.request.answer?.name).toBe('plan_of_work');
      expect(opened().requests[0]?.request.answer?.jsonSchema).toMatchObject({
        type: 'object',
        required: ['tasks'],
      });
    });

    it.each([
      ['in a fence', `\`\`\`json\n${JSON.stringify(valid, null, 2)}\n\`\`\``],
      ['in a fence after a word', `Here you are:\n\`\`\`\n${JSON.stringify(valid)}\n\`\`\`\nGood luck.`],
    ])('takes JSON %s', async (_how, text) => {
      script(serves.text(text));
      expect((await chat({ answer })).structured).toEqual(valid);
    });

    it.each([
      ['not JSON', 'I would rather not.', /not JSON; it begins with "I would rather not/],
      ['empty', '', /empty/],
      ['of another schema', '{"tasks":[{"key":"T1","points":1.5}]}', /tasks\.0\.points/],
      ['JSON that breaks off', '{"tasks":[{"key":', /not JSON/],
    ])('refuses an answer that is %s, and says so', async (_what, text, message) => {
      script(serves.text(text));
      const error = await failure({ answer });
      expect(error.code).toBe('MODEL_INVALID_ANSWER');
      expect(error.message).toMatch(message);
      expect(error.usage.calls).toBe(1);
      expect(error.usage.costMicroUsd).toBeGreaterThan(0);
    });

    it('says when an answer was cut by its length', async () => {
      script(serves.cutOffByLength('{"tasks":['), serves.cutOffByLength('And then'));
      const error = await failure({ answer });
      expect(error.code).toBe('MODEL_INVALID_ANSWER');
      expect(error.message).toContain('cut off');
      expect(await chat()).toMatchObject({
        stopReason: 'length',
        content: [{ kind: 'text', text: 'And then' }],
      });
    });

    it('gives a refusal as one, whatever was asked for', async () => {
      script(serves.refusal('I cannot help with that.'), serves.refusal('No.'));
      expect(await chat()).toMatchObject({
        stopReason: 'refusal',
        content: [{ kind: 'text', text: 'I cannot help with that.' }],
      });
      expect(await chat({ answer })).toMatchObject({ stopReason: 'refusal', structured: null });
    });

    it.each([
      ['a rate limit', serves.rateLimited('7'), { code: 'MODEL_RATE_LIMITED', retryAfterMs: 7_000 }],
      [
        'a rate limit of fractions',
        serves.rateLimited('0.25'),
        { code: 'MODEL_RATE_LIMITED', retryAfterMs: 250 },
      ],
      [
        'a rate limit without a time',
        serves.rateLimited(null),
        { code: 'MODEL_RATE_LIMITED', retryAfterMs: null },
      ],
      ['an empty account', serves.outOfCredit(), { code: 'MODEL_UNAUTHORIZED' }],
      ['an error of the server', serves.serverError(), { code: 'MODEL_UNAVAILABLE' }],
      ['an overload', serves.overloaded(), { code: 'MODEL_OVERLOADED' }],
      [
        'a wrong key',
        serves.unauthorized(),
        { code: 'MODEL_UNAUTHORIZED', advice: expect.stringMatching(/_API_KEY/) },
      ],
      ['a model that is not there', serves.unknownModel('x'), { code: 'MODEL_NOT_FOUND' }],
      ['too long a conversation', serves.contextOverflow(), { code: 'MODEL_CONTEXT_OVERFLOW' }],
      [
        'a bad request',
        serves.badRequest('messages.0: nonsense'),
        { code: 'MODEL_BAD_REQUEST', message: expect.stringContaining('nonsense') },
      ],
    ])('knows %s, which costs nothing', async (_what, given, expected) => {
      script(given);
      const error = await failure();
      expect(error).toMatchObject({
        ...expected,
        usage: noUsage,
        model: opened().name,
        provider: opened().model.provider,
      });
      expect(opened().requests).toHaveLength(1);
    });

    it('takes a Retry-After that is a date, by the server’s clock', async () => {
      const date = 'Fri, 20 Nov 2026 12:00:00 GMT';
      script({
        kind: 'error',
        status: 429,
        message: 'Slow down.',
        headers: { date, 'retry-after': 'Fri, 20 Nov 2026 12:01:30 GMT' },
      });
      expect((await failure()).retryAfterMs).toBe(90_000);
    });

    it.each([
      ['whose connection breaks', serves.brokenConnection('a long story '.repeat(20)), 'MODEL_STREAM_CUT'],
      ['that ends without its end', serves.endsTooEarly('a long story '.repeat(20)), 'MODEL_STREAM_CUT'],
      [
        'that is overloaded in the middle',
        serves.overloadedInTheMiddle('a long story '.repeat(20)),
        'MODEL_OVERLOADED',
      ],
    ])('reports a stream %s, with what it cost until then', async (_what, given, code) => {
      script(given);
      const error = await failure();
      expect(error.code).toBe(code);
      expect(error.usage).toMatchObject({ calls: 1, inputTokens: expect.any(Number) });
      expect(error.usage.inputTokens).toBeGreaterThan(0);
      expect(error.usage.outputTokens).toBeGreaterThan(20);
      expect(error.usage.costMicroUsd).toBeGreaterThan(0);
    });

    it('stops at once when it is aborted in the middle of a stream, with what it cost until then', async () => {
      script(serves.stalls('a long story '.repeat(20)));
      const controller = new AbortController();
      const error = await failure(
        {},
        { signal: controller.signal, onText: () => controller.abort(new Error('Stop.')) },
      );
      expect(error.code).toBe('MODEL_ABORTED');
      expect(error.usage.calls).toBe(1);
    });

    it('stops at once when it is aborted before an answer', async () => {
      const controller = new AbortController();
      script(() => {
        controller.abort();
        return new Promise(() => undefined);
      });
      expect(await failure({}, { signal: controller.signal })).toMatchObject({
        code: 'MODEL_ABORTED',
        usage: noUsage,
      });
    });

    it('says that nobody is there', async () => {
      await opened().close();
      expect(await failure()).toMatchObject({
        code: 'MODEL_UNAVAILABLE',
        usage: noUsage,
        message: expect.stringContaining('cannot be reached'),
      });
    });

    it('asks for no model without a price', async () => {
      const unknown = `${opened().model.provider}/not-in-the-table`;
      expect(await failure({ model: unknown })).toMatchObject({ code: 'MODEL_PRICE_UNKNOWN' });
      expect(() => opened().model.measure(request({ model: unknown }))).toThrow(
        expect.objectContaining({ code: 'MODEL_PRICE_UNKNOWN' }),
      );
      expect(opened().requests).toHaveLength(0);
    });

    it('answers many at once, each its own', async () => {
      script(
        ...Array.from(
          { length: 50 },
          (): Respond =>
            ({ request: { messages } }) =>
              serves.json(messages),
        ),
      );
      const asked = Array.from({ length: 50 }, (_, index) => `question ${index}`);
      const given = await Promise.all(
        asked.map((text) => chat({ messages: [{ role: 'user', content: [{ kind: 'text', text }] }] })),
      );
      expect(
        given
          .map(({ content }) => JSON.stringify(content))
          .every((text, index) => text.includes(`question ${index}\\`)),
      ).toBe(true);
    });
  });
};
