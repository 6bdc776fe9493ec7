import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { noUsage, type Usage } from '../../events/values.ts';
import { virtualClock } from '../../runtime/testing/index.ts';
import { ModelError, type ModelErrorDetails } from '../errors.ts';
import type { ChatAnswer, ChatModel, ChatOptions, ChatRequest, ModelErrorCode } from '../port.ts';
import { withFallback } from './fallback.ts';
import { type ResilienceOptions, resilient } from './resilient.ts';

const usage: Usage = { ...noUsage, inputTokens: 10, costMicroUsd: 100, calls: 1 };
const answer: ChatAnswer = {
  model: 'test/one',
  content: [{ kind: 'text', text: 'Yes.' }],
  structured: null,
  stopReason: 'end',
  usage,
};
const request: ChatRequest = {
  model: 'test/one',
  system: '',
  messages: [],
  tools: [],
  answer: null,
  maxOutputTokens: 10,
  temperature: null,
};
const fails = (code: ModelErrorCode, details: Partial<ModelErrorDetails> = {}): ModelError =>
  new ModelError(code, code, { provider: 'test', model: 'test/one', ...details });

type Step = ChatAnswer | Error | (() => Promise<ChatAnswer>);
const scriptedModel = (...steps: Step[]) => {
  const asked: ChatRequest[] = [];
  const model: ChatModel = {
    provider: 'test',
    chat: async (given) => {
      asked.push(given);
      const step = steps.length > 1 ? steps.shift() : steps[0];
      if (step === undefined || step instanceof Error) throw step ?? new Error('No step.');
      return typeof step === 'function' ? step() : step;
    },
    measure: () => ({ inputTokens: 10, contextWindow: 1_000, worstCase: { tokens: 20, microUsd: 200 } }),
  };
  return { model, asked };
};

const open = (model: ChatModel, options: Partial<ResilienceOptions> = {}) => {
  const clock = virtualClock({ automatic: true });
  const started = clock.now();
  const subject = resilient(model, { clock, randomness: { next: () => 0 }, ...options });
  const chat = (chatOptions: Partial<ChatOptions> = {}) =>
    subject.chat(request, { signal: new AbortController().signal, ...chatOptions });
  return { chat, elapsed: () => clock.now() - started, clock };
};

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a resilient model', () => {
  it.each(['MODEL_UNAVAILABLE', 'MODEL_OVERLOADED', 'MODEL_STREAM_CUT'] as const)(
    'tries again after %s, and counts what was wasted',
    async (code) => {
      const { model, asked } = scriptedModel(fails(code, { usage }), fails(code), answer);
      const { chat, elapsed } = open(model);
      expect((await chat()).usage).toEqual({ ...usage, inputTokens: 20, costMicroUsd: 200, calls: 2 });
      expect(asked).toHaveLength(3);
      expect(elapsed()).toBe(500 + 1_000);
    },
  );

  it('gives up after a few tries, with all that they cost', async () => {
    const { model, asked } = scriptedModel(fails('MODEL_STREAM_CUT', { usage }));
    await expect(open(model).chat()).rejects.toMatchObject({
      code: 'MODEL_STREAM_CUT',
      usage: { calls: 3, costMicroUsd: 300 },
    });
    expect(asked).toHaveLength(3);
  });

  it('waits as long as Retry-After says, to the millisecond', async () => {
    const { model } = scriptedModel(fails('MODEL_RATE_LIMITED', { retryAfterMs: 1_234 }), answer);
    const { chat, elapsed } = open(model);
    await chat();
    expect(elapsed()).toBe(1_234);
  });

  it('leaves a long wait to the caller', async () => {
    const { model, asked } = scriptedModel(fails('MODEL_RATE_LIMITED', { retryAfterMs: 5_001 }), answer);
    const { chat, elapsed } = open(model);
    await expect(chat()).rejects.toMatchObject({ code: 'MODEL_RATE_LIMITED', retryAfterMs: 5_001 });
    expect(asked).toHaveLength(1);
    expect(elapsed()).toBe(0);
  });

  it('always says how long to stay away after a rate limit', async () => {
    const { model } = scriptedModel(fails('MODEL_RATE_LIMITED'));
    await expect(open(model).chat()).rejects.toMatchObject({ retryAfterMs: 30_000 });
  });

  it.each([
    'MODEL_UNAUTHORIZED',
    'MODEL_NOT_FOUND',
    'MODEL_CONTEXT_OVERFLOW',
    'MODEL_BAD_REQUEST',
    'MODEL_INVALID_ANSWER',
  ] as const)('does not try again after %s', async (code) => {
    const { model, asked } = scriptedModel(fails(code, { usage }), answer);
    await expect(open(model).chat()).rejects.toMatchObject({ code, usage });
    expect(asked).toHaveLength(1);
  });

  it('makes no further try that the allowance might not cover', async () => {
    const cut = fails('MODEL_STREAM_CUT', { usage });
    const tight = scriptedModel(cut, answer);
    await expect(
      open(tight.model).chat({ allowance: { tokens: 1_000, microUsd: 299 } }),
    ).rejects.toMatchObject({ code: 'MODEL_STREAM_CUT' });
    expect(tight.asked).toHaveLength(1);
    const ample = scriptedModel(cut, answer);
    await open(ample.model).chat({ allowance: { tokens: 1_000, microUsd: 300 } });
    expect(ample.asked).toHaveLength(2);
  });

  it('stops at once when it is aborted: before, during, and between tries', async () => {
    const { model, asked } = scriptedModel(answer);
    await expect(open(model).chat({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'MODEL_ABORTED',
    });
    expect(asked).toHaveLength(0);

    const during = new AbortController();
    const hanging = scriptedModel(() => {
      queueMicrotask(() => during.abort());
      return new Promise(() => undefined);
    });
    await expect(open(hanging.model).chat({ signal: during.signal })).rejects.toMatchObject({
      code: 'MODEL_ABORTED',
    });

    const between = new AbortController();
    const clock = virtualClock();
    const waiting = open(scriptedModel(fails('MODEL_STREAM_CUT', { usage }), answer).model, {
      clock: {
        ...clock,
        sleep: (ms, signal) => {
          queueMicrotask(() => between.abort());
          return clock.sleep(ms, signal);
        },
      },
    });
    await expect(waiting.chat({ signal: between.signal })).rejects.toMatchObject({
      code: 'MODEL_ABORTED',
      usage,
    });
  });

  it('leaves a provider alone that fails and fails, then lets one call decide', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const outage = fails('MODEL_UNAVAILABLE');
    const { model, asked } = scriptedModel(outage, outage, outage, answer);
    const { chat } = open(model, { tries: 1, circuit: { failures: 3, openMs: 15_000 } });
    for (let call = 0; call < 3; call += 1) await expect(chat()).rejects.toBeInstanceOf(ModelError);
    expect(asked).toHaveLength(3);
    await expect(chat()).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      retryAfterMs: expect.any(Number),
    });
    expect(asked).toHaveLength(3);
    now.mockReturnValue(1_000_000 + 15_000);
    await expect(chat()).resolves.toMatchObject({ stopReason: 'end' });
    expect(asked).toHaveLength(4);
  });

  it('does not take wrong requests for an outage', async () => {
    const { model, asked } = scriptedModel(fails('MODEL_BAD_REQUEST'));
    const { chat } = open(model, { circuit: { failures: 2, openMs: 15_000 } });
    for (let call = 0; call < 5; call += 1)
      await expect(chat()).rejects.toMatchObject({ code: 'MODEL_BAD_REQUEST' });
    expect(asked).toHaveLength(5);
  });
});

describe('a fall-back chain', () => {
  const options = { signal: new AbortController().signal };
  const chain = (first: ChatModel, second: ChatModel) =>
    withFallback([
      { name: 'a/one', model: first },
      { name: 'b/two', model: second },
    ]);

  it.each(['MODEL_UNAUTHORIZED', 'MODEL_NOT_FOUND', 'MODEL_UNAVAILABLE', 'MODEL_OVERLOADED'] as const)(
    'asks the next model after %s',
    async (code) => {
      const second = scriptedModel(answer);
      const given = await chain(scriptedModel(fails(code, { usage })).model, second.model).chat(
        request,
        options,
      );
      expect(given.usage.costMicroUsd).toBe(200);
      expect(second.asked[0]?.model).toBe('b/two');
    },
  );

  it.each([
    'MODEL_CONTEXT_OVERFLOW',
    'MODEL_BAD_REQUEST',
    'MODEL_RATE_LIMITED',
    'MODEL_ABORTED',
    'MODEL_INVALID_ANSWER',
  ] as const)('does not after %s', async (code) => {
    const second = scriptedModel(answer);
    await expect(
      chain(scriptedModel(fails(code)).model, second.model).chat(request, options),
    ).rejects.toMatchObject({ code });
    expect(second.asked).toHaveLength(0);
  });

  it('fails as the last of them did, with the cost of all', async () => {
    const first = scriptedModel(fails('MODEL_OVERLOADED', { usage })).model;
    const second = scriptedModel(fails('MODEL_UNAVAILABLE', { usage })).model;
    await expect(chain(first, second).chat(request, options)).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      usage: { calls: 2 },
    });
  });

  it('is measured as the dearest and narrowest', () => {
    const dear: ChatModel = {
      ...scriptedModel(answer).model,
      measure: () => ({ inputTokens: 12, contextWindow: 500, worstCase: { tokens: 15, microUsd: 900 } }),
    };
    expect(chain(scriptedModel(answer).model, dear).measure(request)).toEqual({
      inputTokens: 12,
      contextWindow: 500,
      worstCase: { tokens: 20, microUsd: 900 },
    });
  });
});
