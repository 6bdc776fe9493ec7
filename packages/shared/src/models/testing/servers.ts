/** Servers in a provider's place, for programs that are no tests: they need nothing of a test runner. */
export { startAnthropicServer } from './anthropic-server.ts';
export { startOpenAiServer } from './openai-server.ts';
export { respondWith, serves } from './served.ts';
export type { WireServer } from './wire-server.ts';
