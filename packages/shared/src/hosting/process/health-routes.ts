import type { FastifyInstance } from 'fastify';
import { type HealthCheck, healthRegistry, systemClock } from '../../runtime/index.ts';

/** What the runtime's registry of metrics gives out. */
export interface RenderedMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface HealthRoutes {
  readonly checks: readonly HealthCheck[];
  readonly metrics?: RenderedMetrics | undefined;
}

/** For who watches the process: alive, ready, and its figures. */
export const registerHealth = (app: FastifyInstance, { checks, metrics }: HealthRoutes): void => {
  const registry = healthRegistry(systemClock);
  registry.add(...checks);
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/health/ready', { schema: { hide: true } }, async (_, reply) => {
    const { healthy, checks: results } = await registry.report();
    return reply.code(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'unavailable', checks: results });
  });
  app.get('/metrics', { schema: { hide: true } }, async (_, reply) =>
    reply.type(metrics?.contentType ?? 'text/plain; version=0.0.4').send((await metrics?.text()) ?? ''),
  );
};
