import type { HealthCheck } from '../runtime/index.ts';

/** Whether the engines that a process shares with others are there, each by its name. */
export interface EngineChecks {
  /** `ask` is something cheap that needs the engine. */
  add(engine: string, ask: () => Promise<unknown>): void;
  readonly all: readonly HealthCheck[];
}

export const engineChecks = (): EngineChecks => {
  const all: HealthCheck[] = [];
  return {
    all,
    add: (engine, ask) => {
      all.push({ name: engine, check: oneAtATime(ask) });
    },
  };
};

/** An engine that hangs is asked once, however often whoever watches the process wants to know. */
const oneAtATime = (ask: () => Promise<unknown>): HealthCheck['check'] => {
  let asking: Promise<string | null> | null = null;
  const answer = async (): Promise<string | null> => {
    try {
      await ask();
      return null;
    } catch (error) {
      return Error.isError(error) ? error.message : String(error);
    } finally {
      asking = null;
    }
  };
  return () => {
    asking ??= answer();
    return asking;
  };
};
