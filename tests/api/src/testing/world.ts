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

/** Consumers and models, which are outside of any server, and what a server has to be told of them. */
export interface Outside {
  readonly consumer: Consumer;
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const startOutside = async (): Promise<Outside> => {
  const consumer = await startConsumer();
  const model: ModelServer = await startModelServer();
  return {
    consumer,
    environment: {
      PARTITURA_API_KEY: bootstrapKey,
      PARTITURA_WEBHOOK_ALLOW: '127.0.0.1',
      ...model.environment,
    },
    close: async () => {
      await model.close();
      await consumer.close();
    },
  };
};

/** @param names of organisations that the server does not have yet */
export const foundWorld = async (
  server: Server,
  { consumer }: Outside,
  names: { readonly busy: string; readonly other: string },
): Promise<Omit<World, 'stop'>> => {
  const other = await foundTenant(server, names.other);
  const busy = await foundBusyTenant(server, names.busy, consumer.url);
  return { server, busy, other, consumer };
};

/** All services in one process. */
export const startWorld: StartWorld = async (environment = {}) => {
  const outside = await startOutside();
  const server = await startServer({ ...outside.environment, ...environment });
  const stop = async (): Promise<void> => {
    await server.stop();
    await outside.close();
  };
  try {
    return { ...(await foundWorld(server, outside, { busy: 'bergen', other: 'oslo' })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
