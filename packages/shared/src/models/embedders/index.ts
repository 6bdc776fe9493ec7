export { featureHashingEmbedder } from './feature-hashing.ts';
export { type OpenAiEmbedderOptions, openAiEmbedder } from './openai-embedder.ts';
