import { type Consumer, startConsumer } from '../../../../services/notifier/src/testing/consumer.ts';
import { type ModelServer, startModelServer } from './models.ts';
import { bootstrapKey, type Server, startServer } from './server.ts';
import { type BusyTenant, foundBusyTenant, foundTenant, type Tenant } from './tenant.ts';

/** Two organisations on one server: one that has one of everything, and one with a project alone. */
export interface World {
  readonly server: Server;
  readonly busy: BusyTenant;
  readonly other: Tenant;
  /** Where webhooks may go. */
  readonly consumer: Consumer;
  stop(): Promise<void>;
}

/** What the suites begin with, whatever the server is made of. */
export type StartWorld = (environment?: Readonly<Record<string, string>>) => Promise<World>;

export const startWorld: StartWorld = async (environment = {}) => {
  const consumer = await startConsumer();
  const model: ModelServer = await startModelServer();
  const server = await startServer({
    PARTITURA_API_KEY: bootstrapKey,
    PARTITURA_WEBHOOK_ALLOW: '127.0.0.1',
    ...model.environment,
    ...environment,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await model.close();
    await consumer.close();
  };
  try {
    const other = await foundTenant(server, 'oslo');
    const busy = await foundBusyTenant(server, 'bergen', consumer.url);
    return { server, busy, other, consumer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
