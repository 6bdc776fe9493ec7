import { PartituraError } from '../../runtime/errors.ts';

export type BusErrorCode =
  | 'BUS_URL_INVALID'
  | 'BUS_UNREACHABLE'
  | 'BUS_CREDENTIALS_REFUSED'
  | 'BUS_TLS_FAILED'
  | 'BUS_VERSION_UNSUPPORTED'
  | 'BUS_RIGHTS_MISSING'
  | 'BUS_TOPIC_UNSUITABLE'
  | 'BUS_EVENT_TOO_LARGE'
  | 'BUS_FAILED';

/** What can be wrong with the Kafka behind the bus. */
export class BusError extends PartituraError {
  constructor(code: BusErrorCode, message: string, details: { advice?: string; cause?: unknown } = {}) {
    super(code, message, details);
    this.name = 'BusError';
  }
}

export const unreachable = (where: string, error: unknown): BusError =>
  new BusError('BUS_UNREACHABLE', `Apache Kafka at ${where} does not answer: ${textOf(error)}.`, {
    advice:
      'Start Kafka, or correct PARTITURA_BUS_URL. Behind it, the listeners it advertises have to be reachable too.',
    cause: error,
  });

/**
 * Why something failed, with a code. Of kafkajs's errors the innermost says what it was: it wraps each in what it did about it.
 * `doing` completes "… may not": `read the topic partitura.run`.
 */
export const asBusError = (where: string, error: unknown, doing: string): PartituraError => {
  if (error instanceof PartituraError) return error;
  return refusal(where, error, doing) ?? broken(where, error);
};

/** An error that waiting does not heal, or null. */
export const refusal = (where: string, error: unknown, doing: string): BusError | null => {
  const causes = causesOf(error);
  const types = causes.map(typeOf);
  const missing = types.find((type) => /_AUTHORIZATION_FAILED$/.test(type));
  if (missing)
    return new BusError(
      'BUS_RIGHTS_MISSING',
      `The user of PARTITURA_BUS_URL may not ${doing} in Apache Kafka at ${where} (${missing}).`,
      {
        advice:
          'Give it the rights that packages/shared/src/event-bus/kafka/README.md lists (kafka-acls.sh --add), or another user in PARTITURA_BUS_URL.',
        cause: error,
      },
    );
  if (causes.some((cause) => nameOf(cause) === 'KafkaJSSASLAuthenticationError'))
    return credentialsRefused(where, causes.map(textOf).at(-1) ?? '', error);
  if (
    causes.some((cause) =>
      /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(codeOf(cause)),
    )
  )
    return tlsFailed(where, error);
  if (types.includes('MESSAGE_TOO_LARGE') || types.includes('RECORD_LIST_TOO_LARGE'))
    return new BusError('BUS_EVENT_TOO_LARGE', `Apache Kafka at ${where} takes no message of this size.`, {
      advice: 'Raise max.message.bytes of the topics (and message.max.bytes of the brokers).',
      cause: error,
    });
  return null;
};

export const credentialsRefused = (where: string, why: string, cause?: unknown): BusError =>
  new BusError('BUS_CREDENTIALS_REFUSED', `Apache Kafka at ${where} refuses the credentials: ${why}.`, {
    advice:
      'Put user and password into PARTITURA_BUS_URL (kafka://user:password@host:9092), and the mechanism if it is not plain (?mechanism=scram-sha-512).',
    cause,
  });

export const tlsFailed = (where: string, cause: unknown): BusError =>
  new BusError('BUS_TLS_FAILED', `No TLS connection to Apache Kafka at ${where}: ${textOf(cause)}.`, {
    advice:
      '?tls=true needs a listener that speaks TLS, with a certificate this machine trusts (?tlsCAFile=/path/ca.crt); without it the listener must not speak TLS.',
    cause,
  });

const broken = (where: string, error: unknown): BusError => {
  const away = causesOf(error).some(
    (cause) =>
      awayNames.has(nameOf(cause)) || awayTypes.has(typeOf(cause)) || /^E[A-Z_]+$/.test(codeOf(cause)),
  );
  if (away) return unreachable(where, causesOf(error).at(-1));
  return new BusError('BUS_FAILED', `Apache Kafka at ${where} failed: ${textOf(error)}.`, { cause: error });
};

/** Whether the group has a new order, in which whoever asks has no part yet: its lanes may be another's. */
export const isFenced = (error: unknown): boolean =>
  causesOf(error).some((cause) => fencedTypes.has(typeOf(cause)));

const fencedTypes: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

/** Whether a topic, or who leads it, is not known to the broker that was asked. */
export const isNotYetThere = (error: unknown): boolean =>
  causesOf(error).some((cause) =>
    ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'].includes(typeOf(cause)),
  );

/** Whether it is healed by waiting. */
export const isAway = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && codeOf(error) === 'BUS_UNREACHABLE';

const awayNames: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
]);

const awayTypes: ReadonlySet<string> = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REQUEST_TIMED_OUT',
  'BROKER_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
]);

/** From the outermost to the innermost. */
const causesOf = (error: unknown): readonly unknown[] => {
  const causes: unknown[] = [];
  let current = error;
  while (typeof current === 'object' && current !== null && causes.length < 8) {
    causes.push(current);
    // Several requests at once fail with several errors: the first will do.
    const several: unknown =
      'errors' in current && Array.isArray(current.errors) ? current.errors[0] : undefined;
    current = 'cause' in current && current.cause !== undefined ? current.cause : several;
  }
  return causes.length > 0 ? causes : [error];
};

const field = (error: unknown, name: string): string => {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
};
const nameOf = (error: unknown): string => field(error, 'name');
const typeOf = (error: unknown): string => field(error, 'type');
const codeOf = (error: unknown): string => field(error, 'code');
const textOf = (error: unknown): string =>
  (field(error, 'message') || codeOf(error) || (typeof error === 'string' ? error : 'no connection')).replace(
    /\.$/,
    '',
  );
