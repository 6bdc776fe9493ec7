import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import protocolGossip from '@eventstore/db-client/generated/gossip_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import protocolFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import protocolShared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { type Metadata, Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { type AppendQueue, appendQueue } from './append-queue.ts';
import { type BatchAppendCall, serveBatchAppend } from './append-service.ts';
import { type MemoryLog, memoryLog, noJournal, type ProposedEvent } from './memory-log.ts';
import { type ReadCall, serveRead } from './read-service.ts';
import { type Faults, noFaults } from './server-faults.ts';
import { sqliteJournal } from './sqlite-journal.ts';

export interface EventStoreDbServerOptions {
  /** Where it keeps its log, synced to the disk before it acknowledges. Default: in memory only. */
  readonly directory?: string;
  /** On loopback. Default: one that is free. */
  readonly port?: number;
  /** Bytes; the server's own default is 1 MiB. */
  readonly maxAppendSize?: number;
  /** What it says it is; null: it does not know the question, as servers before 21.10. */
  readonly version?: string | null;
  /** With it the server speaks TLS and asks who is there: credentials count on secure connections only. */
  readonly secure?: {
    readonly key: Buffer;
    readonly certificate: Buffer;
    readonly user: string;
    readonly password: string;
  };
}

export interface EventStoreDbServer {
  /** host:port; stays when the server is stopped and started again. */
  readonly address: string;
  readonly log: MemoryLog;
  readonly faults: Faults;
  /** As another program would write to it. */
  write(stream: string, type: string, data?: string): void;
  /** All connections are cut at once; the log stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** For good: the log on disk, if there is one, is given back. */
  close(): Promise<void>;
}

/**
 * A server that speaks EventStoreDB's protocol as far as the adapter uses it. It is written from the protocol's definitions and
 * the server's source, for tests: it holds the whole log in memory, and nothing is replicated.
 */
export const startEventStoreDbServer = async ({
  directory,
  port: wanted = 0,
  maxAppendSize = 1_048_576,
  version = '24.10.0.0',
  secure,
}: EventStoreDbServerOptions = {}): Promise<EventStoreDbServer> => {
  const journal = directory === undefined ? noJournal : sqliteJournal(directory);
  const log = memoryLog(journal);
  const appends = appendQueue(log);
  const faults = noFaults();
  let server: Server | null = null;
  let port = wanted;

  const start = async (): Promise<void> => {
    const next = new Server({
      'grpc.max_receive_message_length': 17 * 1_048_576,
      'grpc.max_send_message_length': -1,
    });
    addServices(next, { log, appends, faults, maxAppendSize, version, secure, port: () => port });
    const credentials = secure
      ? ServerCredentials.createSsl(null, [{ private_key: secure.key, cert_chain: secure.certificate }])
      : ServerCredentials.createInsecure();
    port = await new Promise<number>((resolve, reject) => {
      next.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    server = next;
  };

  const stop = async (): Promise<void> => {
    server?.forceShutdown();
    server = null;
  };

  await start();
  return {
    address: `${secure ? 'localhost' : '127.0.0.1'}:${port}`,
    log,
    faults,
    write: (stream, type, data = '{}') => {
      log.append([{ stream, events: [foreignEvent(type, data)], expected: 'any' }]);
    },
    stop,
    start,
    close: async () => {
      await stop();
      journal.close();
    },
  };
};

const foreignEvent = (type: string, data: string): ProposedEvent => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(data, 'utf8'),
  metadata: new Uint8Array(),
});

interface Serving {
  readonly log: MemoryLog;
  readonly appends: AppendQueue;
  readonly faults: Faults;
  readonly maxAppendSize: number;
  readonly version: string | null;
  readonly secure: EventStoreDbServerOptions['secure'];
  readonly port: () => number;
}

const unauthenticated = Object.assign(new Error('Unauthenticated'), { code: 16, details: 'Unauthenticated' });
const unimplemented = Object.assign(new Error('Unimplemented'), { code: 12, details: 'Unimplemented' });

const addServices = (server: Server, serving: Serving): void => {
  const { secure, version } = serving;
  const admitted = (metadata: Metadata): boolean => {
    if (!secure) return true;
    const wanted = Buffer.from(`${secure.user}:${secure.password}`).toString('base64');
    return metadata.get('authorization').includes(`Basic ${wanted}`);
  };
  const guarded =
    <Call extends BatchAppendCall | ReadCall>(serve: (call: Call, serving: Serving) => void) =>
    (call: Call): void => {
      if (admitted(call.metadata)) serve(call, serving);
      else call.emit('error', unauthenticated);
    };
  const notServed = (): never => {
    throw new Error('Not part of what the adapter uses.');
  };

  server.addService(StreamsService, {
    read: guarded(serveRead),
    batchAppend: guarded(serveBatchAppend),
    append: notServed,
    delete: notServed,
    tombstone: notServed,
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_: unknown, reply: sendUnaryData<unknown>) => {
      if (version === null) reply(unimplemented);
      else reply(null, supportedMethods(version));
    },
  });
  server.addService(GossipService, {
    read: (_: unknown, reply: sendUnaryData<unknown>) =>
      reply(null, singleNode(secure !== undefined, serving.port())),
  });
};

const supportedMethods = (version: string) => {
  const methods = new protocolFeatures.SupportedMethods();
  methods.setEventStoreServerVersion(version);
  for (const name of ['read', 'append', 'batchappend']) {
    const method = new protocolFeatures.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    methods.addMethods(method);
  }
  return methods;
};

const singleNode = (secure: boolean, port: number) => {
  const endPoint = new protocolGossip.EndPoint();
  endPoint.setAddress(secure ? 'localhost' : '127.0.0.1');
  endPoint.setPort(port);
  const id = new protocolShared.UUID();
  id.setString('0b1c8f0e-5a86-4b5c-9a1e-000000000001');
  const member = new protocolGossip.MemberInfo();
  member.setInstanceId(id);
  member.setTimeStamp('0');
  member.setState(protocolGossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  const cluster = new protocolGossip.ClusterInfo();
  cluster.addMembers(member);
  return cluster;
};
