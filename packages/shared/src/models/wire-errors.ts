import { ModelError } from './errors.ts';
import type { ModelErrorCode } from './port.ts';

/** What both SDKs' errors have of an answer that is an error. */
export interface WireFault {
  readonly status: number | undefined;
  /** `overloaded_error`, `invalid_request_error`, … */
  readonly type: string | null | undefined;
  /** `context_length_exceeded`, `insufficient_quota`, … */
  readonly code: string | null | undefined;
  readonly message: string;
  readonly headers: Headers | undefined;
}

const overflow = /prompt is too long|context[ _-]?(length|window|size|limit)|too many (input )?tokens/i;
const outOfCredit = /credit balance|insufficient_quota|exceeded your current quota|billing/i;

const codeByType: Readonly<Record<string, ModelErrorCode>> = {
  authentication_error: 'MODEL_UNAUTHORIZED',
  billing_error: 'MODEL_UNAUTHORIZED',
  permission_error: 'MODEL_UNAUTHORIZED',
  not_found_error: 'MODEL_NOT_FOUND',
  rate_limit_error: 'MODEL_RATE_LIMITED',
  overloaded_error: 'MODEL_OVERLOADED',
  invalid_request_error: 'MODEL_BAD_REQUEST',
  server_error: 'MODEL_UNAVAILABLE',
  timeout_error: 'MODEL_UNAVAILABLE',
  api_error: 'MODEL_UNAVAILABLE',
};

const codeByStatus: Readonly<Record<number, ModelErrorCode>> = {
  401: 'MODEL_UNAUTHORIZED',
  402: 'MODEL_UNAUTHORIZED',
  403: 'MODEL_UNAUTHORIZED',
  404: 'MODEL_NOT_FOUND',
  408: 'MODEL_UNAVAILABLE',
  409: 'MODEL_UNAVAILABLE',
  413: 'MODEL_CONTEXT_OVERFLOW',
  425: 'MODEL_UNAVAILABLE',
  429: 'MODEL_RATE_LIMITED',
  529: 'MODEL_OVERLOADED',
};

const isClientError = (status: number | undefined): boolean =>
  status === undefined || (status >= 400 && status < 500);

/** What the caller can do about it. Waiting helps against a rate limit, not against an empty account. */
export const codeOfFault = ({ status, type, code, message }: WireFault): ModelErrorCode => {
  if (isClientError(status) && (code === 'insufficient_quota' || outOfCredit.test(message)))
    return 'MODEL_UNAUTHORIZED';
  if (
    isClientError(status) &&
    status !== 429 &&
    (code === 'context_length_exceeded' || overflow.test(message))
  ) {
    return 'MODEL_CONTEXT_OVERFLOW';
  }
  if (status === undefined) return codeByType[type ?? ''] ?? 'MODEL_UNAVAILABLE';
  return codeByStatus[status] ?? (status >= 500 ? 'MODEL_UNAVAILABLE' : 'MODEL_BAD_REQUEST');
};

/** Milliseconds; a date is taken relative to the answer's own, so that clocks that differ do not matter. Null when absent. */
export const retryAfterOf = (headers: Headers | undefined): number | null => {
  const milliseconds = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return Math.ceil(milliseconds);
  const value = headers?.get('retry-after');
  if (value === null || value === undefined || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds * 1_000));
  const until = Date.parse(value);
  const now = Date.parse(headers?.get('date') ?? '');
  return Number.isNaN(until) || Number.isNaN(now) ? null : Math.max(0, until - now);
};

const adviceFor = (code: ModelErrorCode, keyVariable: string): string | null => {
  switch (code) {
    case 'MODEL_UNAUTHORIZED':
      return `Check ${keyVariable}, and that its account may use this model and has credit.`;
    case 'MODEL_NOT_FOUND':
      return 'Check the name of the model, and that the account may use it.';
    case 'MODEL_CONTEXT_OVERFLOW':
      return 'Shorten the conversation, or use a model with a larger window.';
    default:
      return null;
  }
};

export interface CallContext {
  readonly provider: string;
  readonly model: string;
  /** Where the key comes from, for the advice. */
  readonly keyVariable: string;
}

export const errorOfFault = (fault: WireFault, context: CallContext, cause: unknown): ModelError => {
  const code = codeOfFault(fault);
  const advice = adviceFor(code, context.keyVariable);
  const status = fault.status === undefined ? '' : ` (${fault.status})`;
  return new ModelError(code, `${context.model}${status}: ${fault.message}`, {
    provider: context.provider,
    model: context.model,
    retryAfterMs: retryAfterOf(fault.headers),
    ...(advice === null ? {} : { advice }),
    cause,
  });
};
