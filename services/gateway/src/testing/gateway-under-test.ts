import type { BlobStore } from '@partitura/shared/blobs';
import { memoryBlobStore } from '@partitura/shared/blobs/testing';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import { type Clock, type Service, silentLogger, systemClock } from '@partitura/shared/runtime';
import { sequentialIds } from '@partitura/shared/runtime/testing';
import { type GatewayOptions, gatewayServer } from '../gateway-server.ts';
import { inProcessCaller } from '../operation-caller.ts';

export interface GatewayTestOptions
  extends Partial<
    Pick<
      GatewayOptions,
      | 'heartbeatMs'
      | 'hooks'
      | 'slowClientMs'
      | 'liveText'
      | 'health'
      | 'metrics'
      | 'apiKey'
      | 'corsOrigins'
      | 'keysRequired'
      | 'oidc'
      | 'limits'
      | 'logger'
      | 'ids'
    >
  > {
  readonly operations?: Service['operations'];
  readonly clock?: Clock;
  readonly blobs?: BlobStore;
  readonly store?: EventStore;
  /** Default: any that is free. */
  readonly port?: number;
}

/** A gateway that listens on loopback, over an empty log, with the owners a test gives it. */
export const startGateway = async ({
  operations = {},
  clock = systemClock,
  blobs = memoryBlobStore(),
  store = openSqliteEventStore({ path: ':memory:' }),
  port: wanted = 0,
  ...rest
}: GatewayTestOptions = {}) => {
  const gateway = await gatewayServer({
    caller: inProcessCaller([{ operations }]),
    store,
    blobs,
    clock,
    ids: sequentialIds(),
    logger: silentLogger,
    version: '0.0.0',
    ...rest,
  });
  const { url, port } = await gateway.listen({ host: '127.0.0.1', port: wanted });
  const client: ApiClient = apiClient({ baseUrl: url, wait: async () => undefined });
  return {
    store,
    blobs,
    gateway,
    client,
    url,
    port,
    stop: async () => {
      await gateway.close();
      await store.close();
    },
  };
};
