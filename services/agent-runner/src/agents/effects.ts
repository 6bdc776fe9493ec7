import type { ChatAnswer, ChatModel, ModelFailed, RecordedCalls } from '@partitura/shared/models';
import { approachAnswer, criteriaAnswer, reflectionAnswer, reviewAnswer } from '@partitura/shared/prompts';
import type { Clock } from '@partitura/shared/runtime';
import type { ToolResult } from '../tools/index.ts';
import type { Conclusion, Outcome } from './conclude.ts';
import type { Contents } from './contents.ts';
import type { Memory } from './memory.ts';
import { isOutage, isRateLimit } from './model-problems.ts';
import type { AgentState, AnsweredCall, OpenCall, ToolUse } from './state.ts';

export interface EffectDependencies {
  readonly contents: Contents;
  readonly calls: RecordedCalls;
  readonly clock: Clock;
  readonly model: ChatModel;
  readonly memory: Memory;
  readonly useTool: (
    use: ToolUse,
    input: unknown,
    state: AgentState,
    signal: AbortSignal,
  ) => Promise<ToolResult>;
}

/** Asks the model what is recorded as asked. */
export const ask = async (
  { calls, clock, model, memory }: EffectDependencies,
  state: AgentState,
  call: OpenCall,
  signal: AbortSignal,
): Promise<Outcome> => {
  const request = await memory.request(call);
  const result = await calls.perform(model, request, call.callId, { signal });
  if (result.outcome === 'failed') {
    if (result.error.code === 'MODEL_ABORTED') throw result.error;
    return {
      kind: 'unanswered',
      failed: result.event.data,
      until: waitUntil(state, result.event, clock.now()),
    };
  }
  const unusable = request.answer
    ? problemOf(request.answer.schema.safeParse(result.answer.structured))
    : null;
  const { stopReason } = result.event.data;
  if (unusable !== null && stopReason !== 'refusal') {
    const problem = { code: 'MODEL_INVALID_ANSWER', message: unusable };
    const { model: name, usage } = result.event.data;
    return {
      kind: 'unanswered',
      failed: { callId: call.callId, model: name, problem, usage, retryAfterMs: null },
      until: null,
    };
  }
  memory.keepAnswer(call.callId, result.answer);
  return { kind: 'answered', answered: { ...result.event.data, stopReason: whyItStopped(result.answer) } };
};

/** What the answer has in it counts for more than what the provider calls it. */
const whyItStopped = ({ content, stopReason }: ChatAnswer): ChatAnswer['stopReason'] => {
  const usesTools = content.some((part) => part.kind === 'tool_call');
  if (usesTools && stopReason === 'end') return 'tool_use';
  return !usesTools && stopReason === 'tool_use' ? 'end' : stopReason;
};

const problemOf = (parsed: { success: boolean; error?: { message: string } | undefined }): string | null =>
  parsed.success
    ? null
    : (parsed.error?.message ?? 'It has not the form that was asked for.').slice(0, 2_000);

const firstOutageMs = 2_000;
const longestOutageMs = 60_000;
const unknownLimitMs = 30_000;

/** Until when it is no use to ask again; null when waiting does not help. */
export const waitUntil = (state: AgentState, { data }: ModelFailed, now: number): string | null => {
  const { code } = data.problem;
  if (!isRateLimit(code) && !isOutage(code)) return null;
  const backoff = isRateLimit(code)
    ? unknownLimitMs
    : Math.min(longestOutageMs, firstOutageMs * 2 ** Math.min(state.outages, 10));
  return new Date(now + (data.retryAfterMs ?? backoff)).toISOString();
};

/** What an answer in the log says. */
export const digest = async (
  { contents, memory }: EffectDependencies,
  call: AnsweredCall,
  mode: 'plain' | 'work' | 'review',
): Promise<Conclusion> => {
  const answer = await memory.answer(call);
  switch (call.purpose) {
    case 'approach': {
      const approach = approachAnswer.parse(answer.structured);
      return { purpose: 'approach', answer: approach, content: await contents.keepJson(approach) };
    }
    case 'act':
      return mode === 'plain' ? { purpose: 'text', text: textOf(answer) } : toolCalls(contents, answer);
    case 'reflection': {
      const reflection = reflectionAnswer.parse(answer.structured);
      return { purpose: 'reflection', answer: reflection, content: await contents.keepJson(reflection) };
    }
    case 'criteria':
      return { purpose: 'criteria', answer: criteriaAnswer.parse(answer.structured) };
    case 'review':
      return { purpose: 'review', answer: reviewAnswer.parse(answer.structured) };
  }
};

const toolCalls = async (contents: Contents, answer: ChatAnswer): Promise<Conclusion> => {
  const asked = answer.content.filter((part) => part.kind === 'tool_call');
  const calls = asked.map(async (part) => ({
    tool: part.tool,
    arguments: await contents.keepJson(part.arguments),
  }));
  return { purpose: 'tools', calls: await Promise.all(calls) };
};

const textOf = ({ content }: ChatAnswer): string =>
  content.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');

/** A tool that an operator did not let come to its end, or begin. What a command had done by then nobody knows: so it failed. */
export const notUsed = async (
  { contents }: Pick<EffectDependencies, 'contents'>,
  { toolCallId, tool }: ToolUse,
  outcome: 'failed' | 'refused',
): Promise<Outcome> => {
  const text =
    outcome === 'failed' ? 'An operator broke it off.' : 'An operator interrupted: it was not run.';
  return {
    kind: 'tool_returned',
    returned: { toolCallId, tool, outcome, result: await contents.keep(text), durationMs: 0 },
  };
};

/** Uses a tool as recorded. */
export const useTool = async (
  { contents, clock, useTool: run }: EffectDependencies,
  state: AgentState,
  use: ToolUse,
  signal: AbortSignal,
): Promise<Outcome> => {
  const startedAt = clock.now();
  const { outcome, text } = await run(use, await contents.readJson(use.arguments), state, signal);
  const durationMs = Math.max(0, Math.round(clock.now() - startedAt));
  const { toolCallId, tool } = use;
  return {
    kind: 'tool_returned',
    returned: { toolCallId, tool, outcome, result: await contents.keep(text), durationMs },
  };
};
