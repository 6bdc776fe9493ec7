import { noUsage, type Usage } from '@partitura/shared/events';
import {
  type ChatAnswer,
  type ChatModel,
  type ChatOptions,
  type ChatRequest,
  ModelError,
} from '@partitura/shared/models';
import type { AnswerName } from '@partitura/shared/prompts';

export type Reply =
  | { readonly text: string; readonly stopReason?: ChatAnswer['stopReason'] }
  | { readonly tools: readonly { readonly tool: string; readonly arguments: unknown }[] }
  | { readonly structured: unknown }
  | { readonly error: ModelError };

export type Script = (request: ChatRequest, call: number) => Reply | Promise<Reply>;

const spent: Usage = { ...noUsage, inputTokens: 10, outputTokens: 5, costMicroUsd: 7, calls: 1 };

export const modelError = (code: ModelError['code'], retryAfterMs: number | null = null): ModelError =>
  new ModelError(code, `It said ${code}.`, { provider: 'scripted', model: 'scripted/one', retryAfterMs });

/** Says what the script says, and remembers what it was asked. */
export const scriptedModel = (script: Script, contextWindow = 200_000) => {
  const requests: ChatRequest[] = [];
  const chat = async (request: ChatRequest, { signal }: ChatOptions): Promise<ChatAnswer> => {
    requests.push(request);
    if (signal.aborted) throw modelError('MODEL_ABORTED');
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(modelError('MODEL_ABORTED')), { once: true });
    });
    const reply = await Promise.race([script(request, requests.length), aborted]);
    if ('error' in reply) throw reply.error;
    const answer = { model: request.model, structured: null, stopReason: 'end' as const, usage: spent };
    if ('structured' in reply) {
      const text = JSON.stringify(reply.structured);
      return { ...answer, content: [{ kind: 'text', text }], structured: reply.structured };
    }
    if ('text' in reply) {
      return {
        ...answer,
        content: [{ kind: 'text', text: reply.text }],
        stopReason: reply.stopReason ?? 'end',
      };
    }
    const content = reply.tools.map((call, index) => ({
      kind: 'tool_call' as const,
      id: `t${index}`,
      ...call,
    }));
    return { ...answer, content, stopReason: 'tool_use' };
  };
  const model: ChatModel = {
    provider: 'scripted',
    chat,
    measure: (request) => ({
      inputTokens: Math.ceil(JSON.stringify([request.system, request.messages]).length / 4),
      contextWindow,
      worstCase: { tokens: 100, microUsd: 50 },
    }),
  };
  return { model, requests };
};

/** What a good agent answers to the structured questions. */
export const goodAnswers: Record<
  Exclude<AnswerName, 'requirements' | 'architecture' | 'tasks' | 'replan'>,
  unknown
> = {
  approach: { summary: 'Write the file.', steps: ['write it'], files: ['hello.txt'] },
  reflection: {
    summary: 'Wrote the file.',
    learnings: ['Files can be written.'],
    decisions: [{ title: 'A text file', reason: 'It is enough.' }],
    nextImprovement: null,
  },
  criteria: { criteria: [{ criterion: 'It says hello.', met: true, evidence: 'hello.txt' }] },
  review: { verdict: 'approve', summary: 'It is good.', findings: [] },
};

/** Answers structured questions well and acts as told: tools first, then done. */
export const goodScript =
  (acts: readonly Reply[]): Script =>
  (request) => {
    const name = request.answer?.name;
    if (name !== undefined && name in goodAnswers) {
      return { structured: goodAnswers[name as keyof typeof goodAnswers] };
    }
    const turn = request.messages.filter(({ role }) => role === 'assistant').length;
    return acts[turn] ?? { text: 'Done.' };
  };
