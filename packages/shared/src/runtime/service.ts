import type { OperationHandlers } from '../http/index.ts';

/** Something that goes on while the service is up: a processor, a worker, a timer. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes what it has in hand, at the most `graceMs`; nothing is lost when it does not. */
  stop(graceMs: number): Promise<void>;
}

export interface HealthCheck {
  readonly name: string;
  /** Resolves to what is wrong; null when all is well. */
  check(): Promise<string | null>;
}

/**
 * A service is a value: a host gives it ports, mounts its operations, and starts and stops its components in order. The host
 * is either one process for all of them or one process each; the service cannot tell.
 */
export interface Service {
  readonly name: string;
  /** The operations of `http/operations.ts` that it owns. */
  readonly operations: Partial<OperationHandlers>;
  readonly components: readonly Component[];
  readonly health: readonly HealthCheck[];
}
