import { readFile } from 'node:fs/promises';
import kafkajs, {
  type Admin,
  type ISocketFactory,
  type Kafka,
  type KafkaConfig,
  type SASLOptions,
} from 'kafkajs';
import { backoffAfter } from '../../runtime/backoff.ts';
import { type Logger, silentLogger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import { asBusError, BusError, isAway, refusal, unreachable } from './errors.ts';
import { greet } from './greeting.ts';
import { type KafkaAddress, kafkaAddress } from './kafka-url.ts';

export interface KafkaOptions {
  /** `kafka://user:password@host:9092,host2:9092/?tls=true&prefix=partitura.&partitions=12`: see README.md. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long to wait for Kafka at the start. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** How connections are made; for tests that cut them. */
  readonly socketFactory?: ISocketFactory | undefined;
}

export interface KafkaConnection {
  readonly address: KafkaAddress;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly clock: Clock;
  /** @throws {BusError} `BUS_UNREACHABLE` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const greetingMs = 5_000;
const pauses = { backoffMs: 100, maxBackoffMs: 2_000 };

/**
 * Waits for Kafka, then asks for its version and whether it lets us in.
 * @throws {BusError} `BUS_URL_INVALID`, `BUS_UNREACHABLE`, `BUS_VERSION_UNSUPPORTED`, `BUS_CREDENTIALS_REFUSED`, `BUS_TLS_FAILED`
 */
export const connectKafka = async (options: KafkaOptions): Promise<KafkaConnection> => {
  const { url, clock, logger = silentLogger, startTimeoutMs = 60_000 } = options;
  const address = kafkaAddress(url);
  const { where } = address;
  const deadline = clock.now() + startTimeoutMs;
  for (let failures = 1; ; failures += 1) {
    try {
      await greetOne(address);
      return await connected(address, options);
    } catch (error) {
      throwIfFinal(where, error);
      if (clock.now() >= deadline) throw unreachable(where, error);
      if (failures === 1) logger.info({ eventBus: where }, `waiting for Apache Kafka at ${where}`);
      await clock.sleep(backoffAfter(pauses, failures));
    }
  }
};

/** Of our own errors only "unreachable" is healed by waiting. */
const throwIfFinal = (where: string, error: unknown): void => {
  if (error instanceof BusError && !isAway(error)) throw error;
  const refused = refusal(where, error, 'connect');
  if (refused) throw refused;
};

/** Any broker will do: it knows the others. */
const greetOne = async (address: KafkaAddress): Promise<void> => {
  let problem: unknown = null;
  for (const broker of address.brokers) {
    try {
      await greet(address, broker, greetingMs);
      return;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
};

const connected = async (address: KafkaAddress, options: KafkaOptions): Promise<KafkaConnection> => {
  const kafka = new kafkajs.Kafka(await configuration(address, options));
  const admin = kafka.admin();
  try {
    await admin.connect();
  } catch (error) {
    await admin.disconnect();
    throw asBusError(address.where, error, 'connect');
  }
  return {
    address,
    kafka,
    admin,
    clock: options.clock,
    ping: async () => {
      try {
        await admin.describeCluster();
      } catch (error) {
        throw asBusError(address.where, error, 'see the cluster');
      }
    },
    close: () => admin.disconnect(),
  };
};

const configuration = async (
  { brokers, credentials, tls }: KafkaAddress,
  { logger = silentLogger, socketFactory }: KafkaOptions,
): Promise<KafkaConfig> => ({
  clientId: 'partitura',
  brokers: brokers.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
  connectionTimeout: 3_000,
  requestTimeout: 15_000,
  // What lasts longer than these five tries (about 2 s) is ours to go on with: see `group-consumer.ts`.
  retry: { initialRetryTime: 50, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 },
  logLevel: kafkajs.logLevel.WARN,
  // Everything it complains of comes to us as an error, and is logged by whoever knows what it means.
  logCreator:
    () =>
    ({ namespace, log }) =>
      logger.debug({ kafkajs: namespace, detail: log.error }, log.message),
  ...(tls === null ? {} : { ssl: tls.caFile === null ? true : { ca: [await readFile(tls.caFile)] } }),
  ...(credentials === null ? {} : { sasl: saslOf(credentials) }),
  ...(socketFactory === undefined ? {} : { socketFactory }),
});

const saslOf = ({
  user: username,
  password,
  mechanism,
}: NonNullable<KafkaAddress['credentials']>): SASLOptions => {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
};
