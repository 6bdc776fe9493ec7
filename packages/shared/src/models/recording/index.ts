export { nameRequestParts, type Redact } from './manifest.ts';
export {
  type CallOutcome,
  type ModelAnswered,
  type ModelFailed,
  type ModelRequested,
  type RecordedCalls,
  recordedCalls,
} from './recorded-calls.ts';
export { type RecordedModel, recordedModel } from './recorded-model.ts';
