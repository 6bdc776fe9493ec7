export type { CircuitOptions } from './circuit.ts';
export { type NamedModel, withFallback } from './fallback.ts';
export { type ResilienceOptions, resilient } from './resilient.ts';
