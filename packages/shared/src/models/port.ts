import type { z } from 'zod';
import type { Amount, Usage } from '../events/index.ts';

export type ContentPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool_call'; readonly id: string; readonly tool: string; readonly arguments: unknown }
  | { readonly kind: 'tool_result'; readonly id: string; readonly content: string; readonly failed: boolean };

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentPart[];
}

export interface ToolSpecification {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ChatRequest {
  /** `provider/model`. */
  readonly model: string;
  readonly system: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSpecification[];
  /** The answer has to be JSON of this schema; `name` says which kind of answer it is (`prompts`). */
  readonly answer: {
    readonly name: string;
    readonly schema: z.ZodType;
    readonly jsonSchema: Readonly<Record<string, unknown>>;
  } | null;
  readonly maxOutputTokens: number;
  readonly temperature: number | null;
}

export type StopReason = 'end' | 'tool_use' | 'length' | 'refusal';

export interface ChatAnswer {
  /** `provider/model` that answered. */
  readonly model: string;
  readonly content: readonly ContentPart[];
  /** Parsed and validated when the request asked for a structured answer, else null. */
  readonly structured: unknown;
  readonly stopReason: StopReason;
  /** As the provider reported it, priced by the table. */
  readonly usage: Usage;
}

export interface ChatOptions {
  readonly signal: AbortSignal;
  /** Text as it comes; for screens only, never recorded piece by piece. */
  readonly onText?: (text: string) => void;
  /**
   * The most that the call may spend, failed tries included; absent or null is no limit. A try that was cut off has cost
   * something already: it is made again only while that and the next try's worst case fit in here.
   */
  readonly allowance?: Amount | null;
}

/** What went wrong, so that the caller knows what to do about it: wait, shorten, ask another model, or give up. */
export type ModelErrorCode =
  | 'MODEL_RATE_LIMITED'
  | 'MODEL_OVERLOADED'
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_STREAM_CUT'
  | 'MODEL_CONTEXT_OVERFLOW'
  | 'MODEL_UNAUTHORIZED'
  | 'MODEL_NOT_FOUND'
  | 'MODEL_BAD_REQUEST'
  | 'MODEL_INVALID_ANSWER'
  | 'MODEL_PRICE_UNKNOWN'
  | 'MODEL_NOT_CONFIGURED'
  | 'MODEL_NOT_RECORDED'
  | 'MODEL_ABORTED';

export interface ChatModel {
  /** `anthropic`, `openai`, `rehearsal`, … */
  readonly provider: string;
  /**
   * One answer. Retries what passes quickly by itself; throws what the caller has to know.
   * @throws {ModelError}
   */
  chat(request: ChatRequest, options: ChatOptions): Promise<ChatAnswer>;
  /** Tokens the model takes in, its window, and the most that a call can cost: counted high rather than low. */
  measure(request: ChatRequest): {
    readonly inputTokens: number;
    readonly contextWindow: number;
    readonly worstCase: Amount;
  };
}

export interface Embedder {
  /** Named as what it is: `feature-hashing/256`, `openai/text-embedding-3-small`. */
  readonly name: string;
  readonly dimensions: number;
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>;
}
