import type { ChatAnswer, ChatRequest, RecordedCalls } from '@partitura/shared/models';
import type { AnsweredCall, OpenCall } from './state.ts';

/**
 * The newest requests and answers of one attempt, at hand while it lives and read back from their blobs after a crash. Only
 * the last ones are kept: a thousand agents have memory, too.
 */
export interface Memory {
  keepRequest(callId: string, request: ChatRequest): void;
  keepAnswer(callId: string, answer: ChatAnswer): void;
  request(call: OpenCall): Promise<ChatRequest>;
  answer(call: AnsweredCall): Promise<ChatAnswer>;
}

const kept = 2;

const newest = <Value>() => {
  const values = new Map<string, Value>();
  return {
    get: (id: string) => values.get(id),
    set: (id: string, value: Value) => {
      values.set(id, value);
      for (const oldest of values.keys()) {
        if (values.size <= kept) return;
        values.delete(oldest);
      }
    },
  };
};

export const memory = (calls: RecordedCalls): Memory => {
  const requests = newest<ChatRequest>();
  const answers = newest<ChatAnswer>();
  return {
    keepRequest: requests.set,
    keepAnswer: answers.set,
    request: async ({ callId, requested }) =>
      requests.get(callId) ?? calls.recallRequest({ data: requested }),
    answer: async ({ callId, answered }) => answers.get(callId) ?? calls.recall({ data: answered }),
  };
};
