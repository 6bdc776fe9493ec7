export { startAnthropicServer } from './anthropic-server.ts';
export { type ChatModelSubject, chatModelContract } from './chat-model-contract.ts';
export { type EmbedderSubject, embedderContract } from './embedder-contract.ts';
export { startOpenAiServer } from './openai-server.ts';
export { type ProviderSubject, providerContract } from './provider-contract.ts';
export {
  countsFor,
  type Respond,
  respondWith,
  type ServedAnswer,
  type ServedError,
  type ServedRequest,
  type ServedToolCall,
  type ServerAnswer,
  scripted,
  serves,
} from './served.ts';
export type { WireServer, WireServerOptions } from './wire-server.ts';
