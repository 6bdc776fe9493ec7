import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, destination, pino } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Structured lines: the fields say of what, the message says what. An `error` field is written with its stack and causes. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** The same logger, with these fields on every line. */
  child(fields: object): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Written with every line: which service or command this is. */
  readonly name?: string;
  /** Values that must not stand in any line, wherever they turn up. */
  readonly secrets?: readonly string[];
  /** Default: stderr, because stdout carries data. */
  readonly destination?: DestinationStream;
}

/** Fields that hold a secret whatever its value is, at the top of a line or one level down. */
const secretFields = [
  'apiKey',
  'api_key',
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'x-api-key',
];
const masked = '[redacted]';

const correlation = new AsyncLocalStorage<object>();

/** Everything logged while `work` goes on, however deep and asynchronous, carries `fields` (`correlationId`, `runId` …). */
export const withCorrelation = <Result>(fields: object, work: () => Result): Result =>
  correlation.run({ ...correlation.getStore(), ...fields }, work);

/** A secret as it stands in a line: as it is, and as JSON writes it. */
const spellings = (secret: string): readonly string[] => [
  ...new Set([secret, JSON.stringify(secret).slice(1, -1)]),
];

/** JSON lines by pino, with secrets taken out and correlation fields put in. */
export const createLogger = (options: LoggerOptions): Logger => {
  // A secret of a few characters would blank out half the log.
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= 8).flatMap(spellings);
  return pino(
    {
      level: options.level,
      ...(options.name === undefined ? {} : { name: options.name }),
      errorKey: 'error',
      mixin: () => correlation.getStore() ?? {},
      redact: {
        paths: secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.headers["${field}"]`]),
        censor: masked,
      },
      hooks: {
        streamWrite: (line) => secrets.reduce((text, secret) => text.replaceAll(secret, masked), line),
      },
    },
    options.destination ?? destination({ fd: 2, sync: true }),
  );
};

/** For those who were given no logger. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
