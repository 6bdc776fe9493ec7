import type OpenAI from 'openai';
import type { AnswerBuilder } from '../answer-builder.ts';
import type { StopReason } from '../port.ts';
import type { TokenCounts } from '../prices/index.ts';

type Choice = OpenAI.ChatCompletionChunk.Choice;
type ToolCall = NonNullable<Choice['delta']['tool_calls']>[number];

/** `prompt_tokens` counts cached tokens too; ours are counted apart. */
const countsOf = (usage: OpenAI.CompletionUsage): TokenCounts => {
  const cacheReadTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWriteTokens = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  return {
    inputTokens: Math.max(0, usage.prompt_tokens - cacheReadTokens - cacheWriteTokens),
    outputTokens: usage.completion_tokens,
    cacheReadTokens,
    cacheWriteTokens,
  };
};

const stopReasonOf = (reason: NonNullable<Choice['finish_reason']>): StopReason => {
  switch (reason) {
    case 'tool_calls':
    case 'function_call':
      return 'tool_use';
    case 'length':
      return 'length';
    case 'content_filter':
      return 'refusal';
    default:
      return 'end';
  }
};

export interface CompletionReader {
  take(chunk: OpenAI.ChatCompletionChunk, answer: AnswerBuilder): void;
}

export const completionReader = (): CompletionReader => {
  /** The call that goes on under each index. Some endpoints give all calls the index 0, and tell them apart by id. */
  const keys = new Map<number, string>();

  const takeToolCall = (call: ToolCall, completion: string, answer: AnswerBuilder): void => {
    const known = keys.get(call.index);
    const given = call.id ?? '';
    const begins = known === undefined || (given !== '' && answer.idOf(known) !== given);
    const id = given === '' ? `${completion || 'call'}_${call.index}` : given;
    const key = begins ? `call ${call.index} ${id}` : known;
    if (begins) {
      answer.toolCall(key, id, call.function?.name ?? '');
      keys.set(call.index, key);
    }
    answer.toolArguments(key, call.function?.arguments ?? '');
  };

  const stopOf = (reason: NonNullable<Choice['finish_reason']>, answer: AnswerBuilder): StopReason => {
    if (answer.has('refusal')) return 'refusal';
    return keys.size > 0 && reason === 'stop' ? 'tool_use' : stopReasonOf(reason);
  };

  const takeChoice = (
    { delta, finish_reason: reason }: Choice,
    completion: string,
    answer: AnswerBuilder,
  ): void => {
    answer.text('text', delta.content ?? '');
    answer.text('refusal', delta.refusal ?? '');
    for (const call of delta.tool_calls ?? []) takeToolCall(call, completion, answer);
    if (reason) answer.stopReason = stopOf(reason, answer);
  };

  return {
    take: (chunk, answer) => {
      if (chunk.usage) answer.counts = countsOf(chunk.usage);
      const choice = chunk.choices[0];
      if (choice !== undefined) takeChoice(choice, chunk.id, answer);
    },
  };
};
