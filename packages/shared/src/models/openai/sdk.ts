import type { ModelError } from '../errors.ts';
import { type CallContext, errorOfFault } from '../wire-errors.ts';

export type OpenAiSdk = typeof import('openai');

/** It takes a tenth of a second to load: whoever asks no model does not pay for it. */
export const loadSdk = (): Promise<OpenAiSdk> => import('openai');

/** Null for what is no answer of the provider: a connection that could not be made, or broke. */
export const errorOf = (sdk: OpenAiSdk, error: unknown, context: CallContext): ModelError | null => {
  if (!(error instanceof sdk.APIError) || error instanceof sdk.APIConnectionError) return null;
  const { status, type, code, message, headers } = error;
  return errorOfFault({ status, type, code, message, headers }, context, error);
};
