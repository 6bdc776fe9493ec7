import { EventStoreDBClient } from '@eventstore/db-client';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { PartituraError } from '../../runtime/errors.ts';
import { isUnimplemented } from './store-errors.ts';
import type { StreamNames } from './stream-names.ts';

export type ReadCall = ReturnType<StreamsClient['read']>;
export type BatchAppendCall = ReturnType<StreamsClient['batchAppend']>;
/** Metadata and options of a call. */
type CallArguments =
  Required<Parameters<StreamsClient['read']>> extends [infer _Request, ...infer Rest] ? Rest : never;

/** Calls to the server over the client's channel, which it makes anew when the server went away or is not the leader. */
export interface Connection {
  /** host:port as in the URL, without credentials. */
  readonly where: string;
  readonly names: StreamNames;
  read(request: ReadReq, deadlineMs?: number): Promise<ReadCall>;
  batchAppend(): Promise<BatchAppendCall>;
  /** null: too old to say. */
  serverVersion(deadlineMs: number): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * What the client keeps for itself, and what we need of it. Its own `appendToStream` cannot be used: in 6.2.1 all clients of a
 * process share one table of waiting appends, a broken call rejects those of all of them and the next answer to one of these
 * throws where nobody can catch it (dist/streams/appendToStream/batchAppend.js); a write that waits when the connection breaks
 * ends in an unhandled rejection. Its `readAll` cannot filter. So we make these calls, from its generated definitions, over its
 * channel: URL, TLS, credentials, discovery and reconnecting stay its business.
 */
interface ClientInternals {
  readonly GRPCStreamCreator: <Service, Call>(
    service: new (...parameters: never[]) => Service,
    name: string,
    create: (service: Service) => Call,
  ) => () => Promise<Call>;
  readonly execute: <Service, Answer>(
    service: new (...parameters: never[]) => Service,
    name: string,
    action: (service: Service) => Promise<Answer>,
  ) => Promise<Answer>;
  readonly callArguments: (
    options: { readonly requiresLeader: boolean },
    callOptions: { readonly deadline: number | Date },
  ) => CallArguments;
  readonly getChannel: () => Promise<{ close(): void }>;
}

const hasInternals = (client: object): client is ClientInternals =>
  ['GRPCStreamCreator', 'execute', 'callArguments', 'getChannel'].every(
    (name) => typeof Reflect.get(client, name) === 'function',
  );

/** Nothing is sent yet. @throws {PartituraError} `EVENT_STORE_URL_INVALID` */
export const connection = (url: string, names: StreamNames): Connection => {
  const client = clientFor(url);
  const internals: object = client;
  if (!hasInternals(internals))
    throw new TypeError('Not the version of the EventStoreDB client that is pinned.');
  const { GRPCStreamCreator, execute, callArguments, getChannel } = internals;
  // A follower may lag behind what the leader has acknowledged.
  const requiresLeader = true;
  const argumentsFor = (deadlineMs?: number): CallArguments =>
    callArguments(
      { requiresLeader },
      { deadline: deadlineMs === undefined ? Number.POSITIVE_INFINITY : new Date(Date.now() + deadlineMs) },
    );

  return {
    where: whereOf(url),
    names,
    read: (request, deadlineMs) =>
      GRPCStreamCreator(StreamsClient, 'read', (service) =>
        service.read(request, ...argumentsFor(deadlineMs)),
      )(),
    batchAppend: () =>
      GRPCStreamCreator(StreamsClient, 'batchAppend', (service) => service.batchAppend(...argumentsFor()))(),
    serverVersion: (deadlineMs) =>
      execute(
        ServerFeaturesClient,
        'getSupportedMethods',
        (service) =>
          new Promise<string | null>((resolve, reject) => {
            service.getSupportedMethods(
              new protocolShared.Empty(),
              ...argumentsFor(deadlineMs),
              (error, methods) => {
                if (!error) resolve(methods.getEventStoreServerVersion());
                else if (isUnimplemented(error)) resolve(null);
                else reject(error);
              },
            );
          }),
      ),
    close: async () => {
      await client.dispose();
      try {
        (await getChannel()).close();
      } catch {
        // No member of the cluster was ever found: there is none to close.
      }
    },
  };
};

const clientFor = (url: string): EventStoreDBClient => {
  if (!/^esdb(\+discover)?:\/\//.test(url))
    throw invalidUrl(url, 'it does not begin with esdb:// or esdb+discover://');
  try {
    return EventStoreDBClient.connectionString(url);
  } catch (error) {
    throw invalidUrl(url, error instanceof Error ? withoutCredentials(error.message) : String(error));
  }
};

const withoutCredentials = (text: string): string => text.replace(/[^\s/"@]+:[^\s/"@]*@/g, '');

const whereOf = (url: string): string =>
  withoutCredentials(url)
    .replace(/^[^/]*\/\//, '')
    .replace(/[/?].*$/, '');

const invalidUrl = (url: string, detail: string): PartituraError =>
  new PartituraError(
    'EVENT_STORE_URL_INVALID',
    `"${withoutCredentials(url)}" is not a URL of an EventStoreDB server: ${detail}`,
    {
      advice:
        'Give esdb://user:password@host:2113 for one node or esdb+discover://user:password@host:2113 for a cluster; add ?tls=false for a server without TLS.',
    },
  );
