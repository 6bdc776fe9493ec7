export { type AnthropicOptions, anthropicModel } from './anthropic/index.ts';
export {
  type DirectoryDependencies,
  type ModelConfiguration,
  type ModelConfigurationInput,
  type ModelDirectory,
  modelConfiguration,
  modelConfigurationFrom,
  modelDirectory,
  modelVariables,
  type ProviderStatus,
  rehearsalName,
} from './directory/index.ts';
export { featureHashingEmbedder, type OpenAiEmbedderOptions, openAiEmbedder } from './embedders/index.ts';
export { ModelError, type ModelErrorDetails } from './errors.ts';
export { parseModelName } from './model-name.ts';
export {
  type AzureOptions,
  azureModel,
  type CompatibleOptions,
  compatibleModel,
  type OpenAiOptions,
  openAiModel,
} from './openai/index.ts';
export type * from './port.ts';
export {
  costOf,
  type Measure,
  type ModelPrice,
  type ModelPriceInput,
  modelPrice,
  type PriceTable,
  priceTable,
  type TokenCounts,
} from './prices/index.ts';
export {
  type CallOutcome,
  type ModelAnswered,
  type ModelFailed,
  type ModelRequested,
  type RecordedCalls,
  type RecordedModel,
  type Redact,
  recordedCalls,
  recordedModel,
} from './recording/index.ts';
export { type RehearsalOptions, rehearsalModel } from './rehearsal/index.ts';
export { type NamedModel, type ResilienceOptions, resilient, withFallback } from './resilience/index.ts';
export { estimateRequestTokens, estimateTokens } from './tokens.ts';
