import type Anthropic from '@anthropic-ai/sdk';
import type { AnswerBuilder } from '../answer-builder.ts';
import type { StopReason } from '../port.ts';
import type { TokenCounts } from '../prices/index.ts';

type Counted = Pick<Anthropic.MessageDeltaUsage, 'output_tokens'> &
  Partial<
    Pick<
      Anthropic.MessageDeltaUsage,
      'input_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens'
    >
  >;

const countsOf = (reported: Counted, before: TokenCounts | null): TokenCounts => ({
  inputTokens: reported.input_tokens ?? before?.inputTokens ?? 0,
  outputTokens: reported.output_tokens,
  cacheReadTokens: reported.cache_read_input_tokens ?? before?.cacheReadTokens ?? 0,
  cacheWriteTokens: reported.cache_creation_input_tokens ?? before?.cacheWriteTokens ?? 0,
});

const stopReasonOf = (reason: Anthropic.StopReason): StopReason => {
  switch (reason) {
    case 'tool_use':
    case 'refusal':
      return reason;
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    default:
      return 'end';
  }
};

const takeStart = (event: Anthropic.RawContentBlockStartEvent, answer: AnswerBuilder): void => {
  const { content_block: block, index } = event;
  if (block.type === 'text') answer.text(String(index), block.text);
  if (block.type === 'tool_use') answer.toolCall(String(index), block.id, block.name);
};

const takeDelta = (event: Anthropic.RawContentBlockDeltaEvent, answer: AnswerBuilder): void => {
  const { delta, index } = event;
  if (delta.type === 'text_delta') answer.text(String(index), delta.text);
  if (delta.type === 'input_json_delta') answer.toolArguments(String(index), delta.partial_json);
};

/** Reasoning is neither shown nor kept; its tokens are in the usage. */
export const takeMessageEvent = (event: Anthropic.RawMessageStreamEvent, answer: AnswerBuilder): void => {
  switch (event.type) {
    case 'message_start':
      answer.counts = countsOf(event.message.usage, null);
      return;
    case 'content_block_start':
      takeStart(event, answer);
      return;
    case 'content_block_delta':
      takeDelta(event, answer);
      return;
    case 'message_delta':
      answer.counts = countsOf(event.usage, answer.counts);
      if (event.delta.stop_reason !== null) answer.stopReason = stopReasonOf(event.delta.stop_reason);
      return;
    case 'content_block_stop':
    case 'message_stop':
      return;
  }
};
