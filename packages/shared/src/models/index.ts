export { ModelError, type ModelErrorDetails } from './errors.ts';
export { parseModelName } from './model-name.ts';
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
export { estimateRequestTokens, estimateTokens } from './tokens.ts';
