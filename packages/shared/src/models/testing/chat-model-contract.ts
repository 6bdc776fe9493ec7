import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tokensOf, usage } from '../../events/values.ts';
import { ModelError } from '../errors.ts';
import type { ChatModel, ChatOptions, ChatRequest } from '../port.ts';

export interface ChatModelSubject {
  readonly model: ChatModel;
  /** A request that it answers with text. */
  readonly plain: ChatRequest;
  /** A request that it answers with JSON of a schema. */
  readonly structured: ChatRequest;
  close(): Promise<void>;
}

const never = (): ChatOptions => ({ signal: new AbortController().signal });

/** What every model does, whoever it is. */
export const chatModelContract = (name: string, open: () => Promise<ChatModelSubject>): void => {
  describe(`${name} is a chat model`, () => {
    let subject: ChatModelSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    it('answers with text, gives it as it comes, and says what it cost', async () => {
      const { model, plain } = subject;
      const pieces: string[] = [];
      const answer = await model.chat(plain, { ...never(), onText: (text) => pieces.push(text) });
      const text = answer.content.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      expect(text).not.toBe('');
      expect(pieces.join('')).toBe(text);
      expect(answer.stopReason).toBe('end');
      expect(answer.structured).toBeNull();
      expect(answer.model).toMatch(/^[a-z-]+\/.+/);
      expect(usage.parse(answer.usage).calls).toBe(1);
    });

    it('answers with what the schema accepts', async () => {
      const { model, structured } = subject;
      const answer = await model.chat(structured, never());
      expect(structured.answer?.schema.safeParse(answer.structured).success).toBe(true);
    });

    it('costs no more than it was measured at', async () => {
      const { model, plain, structured } = subject;
      for (const request of [plain, structured]) {
        const { inputTokens, contextWindow, worstCase } = model.measure(request);
        expect(Number.isSafeInteger(inputTokens)).toBe(true);
        expect(contextWindow).toBeGreaterThan(0);
        expect(worstCase.tokens).toBeGreaterThanOrEqual(inputTokens);
        const { usage: spent } = await model.chat(request, never());
        expect(tokensOf(spent)).toBeLessThanOrEqual(worstCase.tokens);
        expect(spent.costMicroUsd).toBeLessThanOrEqual(worstCase.microUsd);
      }
    });

    it('measures the same request the same, and a longer one as more', () => {
      const { model, plain } = subject;
      expect(model.measure(plain)).toEqual(model.measure(structuredClone({ ...plain, answer: null })));
      const longer = { ...plain, messages: [...plain.messages, ...plain.messages] };
      expect(model.measure(longer).inputTokens).toBeGreaterThanOrEqual(model.measure(plain).inputTokens);
    });

    it('does nothing once it is aborted', async () => {
      const aborted = subject.model.chat(subject.plain, { signal: AbortSignal.abort() });
      await expect(aborted).rejects.toBeInstanceOf(ModelError);
      await expect(aborted).rejects.toMatchObject({ code: 'MODEL_ABORTED' });
    });
  });
};
