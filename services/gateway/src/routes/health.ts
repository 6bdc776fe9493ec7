import type { HealthCheck } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';

/** What the runtime's registry of metrics gives out. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
}

/** For who watches the process: alive, ready, and its figures. */
export const registerHealth = (
  app: FastifyInstance,
  { checks, metrics }: { readonly checks: readonly HealthCheck[]; readonly metrics?: Metrics | undefined },
): void => {
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/health/ready', { schema: { hide: true } }, async (_, reply) => {
    const results = await Promise.all(checks.map(resultOf));
    const ready = results.every(({ problem }) => problem === null);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks: results });
  });
  app.get('/metrics', { schema: { hide: true } }, async (_, reply) =>
    reply.type(metrics?.contentType ?? 'text/plain; version=0.0.4').send((await metrics?.render()) ?? ''),
  );
};

const resultOf = async ({ name, check }: HealthCheck): Promise<{ name: string; problem: string | null }> => {
  try {
    return { name, problem: await check() };
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : String(error) };
  }
};
