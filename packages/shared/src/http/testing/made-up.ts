import { type BlobReference, noUsage, type Usage } from '../../events/index.ts';

export const blob = (text: string, hash = 'a'.repeat(64)): BlobReference => ({
  hash,
  size: text.length,
  preview: text.slice(0, 200),
  contentType: 'text/plain',
});
export const hashOf = (number: number): string => number.toString(16).padStart(64, '0');
export const usageOf = (tokens: number): Usage => ({
  ...noUsage,
  inputTokens: tokens,
  outputTokens: Math.floor(tokens / 10),
  costMicroUsd: tokens * 3,
  calls: 1,
});
export const problem = { code: 'CHECKS_FAILED', message: 'Two tests of five fail.' };
