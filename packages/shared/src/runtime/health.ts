import type { Clock } from './ports.ts';
import type { HealthCheck } from './service.ts';

export interface HealthReport {
  readonly healthy: boolean;
  readonly checks: readonly { readonly name: string; readonly problem: string | null }[];
}

export interface HealthRegistry {
  add(...checks: readonly HealthCheck[]): void;
  /** Asks all of them at once. One that throws, or does not answer in time, has that as its problem. */
  report(): Promise<HealthReport>;
}

export const healthRegistry = (clock: Clock, timeoutMs = 2_000): HealthRegistry => {
  const checks: HealthCheck[] = [];

  const ask = async (check: HealthCheck): Promise<string | null> => {
    const answered = new AbortController();
    const timeout = clock.sleep(timeoutMs, answered.signal).then(
      () => `did not answer within ${timeoutMs} ms`,
      () => null,
    );
    try {
      return await Promise.race([check.check(), timeout]);
    } catch (error) {
      return Error.isError(error) ? error.message : String(error);
    } finally {
      answered.abort();
    }
  };

  return {
    add: (...more) => {
      checks.push(...more);
    },
    report: async () => {
      const asked = checks.map(async (check) => ({ name: check.name, problem: await ask(check) }));
      const answers = await Promise.all(asked);
      return { healthy: answers.every(({ problem }) => problem === null), checks: answers };
    },
  };
};
