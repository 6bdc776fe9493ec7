import { noUsage, type Usage } from '../events/values.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { ModelErrorCode } from './port.ts';

export interface ModelErrorDetails {
  /** `anthropic`, `openai`, … */
  readonly provider: string;
  /** `provider/model`, as it was asked for. */
  readonly model: string;
  /** Milliseconds after which it is worth asking again, where the provider said so. */
  readonly retryAfterMs?: number | null;
  /** What was spent all the same. */
  readonly usage?: Usage;
  readonly advice?: string;
  readonly problems?: readonly { path: string; message: string }[];
  readonly cause?: unknown;
}

/** No usable answer: what the caller can do about it is in the code, and what it cost is in `usage`. */
export class ModelError extends PartituraError {
  override readonly code: ModelErrorCode;
  readonly provider: string;
  readonly model: string;
  readonly retryAfterMs: number | null;
  readonly usage: Usage;

  constructor(code: ModelErrorCode, message: string, details: ModelErrorDetails) {
    const { advice, problems, cause } = details;
    super(code, message, {
      ...(advice === undefined ? {} : { advice }),
      ...(problems === undefined ? {} : { problems }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'ModelError';
    this.code = code;
    this.provider = details.provider;
    this.model = details.model;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.usage = details.usage ?? noUsage;
  }
}

/** The same error with other figures: after several tries the last error tells for all of them what they cost. */
export const withDetails = (
  error: ModelError,
  changes: Partial<Pick<ModelErrorDetails, 'usage' | 'retryAfterMs'>>,
): ModelError =>
  new ModelError(error.code, error.message, {
    provider: error.provider,
    model: error.model,
    retryAfterMs: changes.retryAfterMs ?? error.retryAfterMs,
    usage: changes.usage ?? error.usage,
    ...(error.advice === null ? {} : { advice: error.advice }),
    problems: error.problems,
    cause: error.cause ?? error,
  });
