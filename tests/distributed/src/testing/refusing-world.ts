import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../../../infra/native/kafka.ts';
import { type RestartableServer, restartable } from '../../../../infra/native/restartable.ts';
import { type EngineName, engineNames, engines } from '../../../../infra/native/stack/engines.ts';
import { startStack } from '../../../../infra/native/stack/start-stack.ts';
import { type LoneProcess, startLoneProcess } from './lone-process.ts';
import type { ServiceName } from './service-process.ts';

export type EngineUrls = Readonly<Record<EngineName, string>>;

/** All engines, a user of Kafka who may do nothing, and services that are started one by one. */
export interface RefusingWorld {
  readonly directory: string;
  readonly urls: EngineUrls;
  /** Of Kafka: somebody without any rights. */
  readonly guestUrl: string;
  readonly servers: Readonly<Record<EngineName, RestartableServer>>;
  /** @param given URLs of engines instead of the right ones @param more further variables, or other values of them */
  start(
    service: ServiceName,
    given: Partial<EngineUrls>,
    more?: Readonly<Record<string, string>>,
  ): Promise<LoneProcess>;
  /** Of what a process said: passwords and keys of ours. Has to be empty. */
  secretsIn(text: string): readonly string[];
  /** Ends the services that were started; the engines stay. */
  stopServices(): Promise<void>;
  close(): Promise<void>;
}

export const wrongPassword = 'not-the-password';
const ruler = 'ruler-of-kafka';
const guest = 'guest-of-kafka';

export const startRefusingWorld = async (): Promise<RefusingWorld> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-refusals-'));
  const serviceKey = randomBytes(32).toString('hex');
  const secretKey = randomBytes(32).toString('hex');
  const signingKey = randomBytes(32).toString('hex');
  const users = { partitura: ruler, guest };
  const launchKafka = (port: number | undefined) =>
    startKafka({ directory: join(directory, 'kafka'), users, ...(port === undefined ? {} : { port }) });
  const which = engineNames.filter((name) => name !== 'kafka');
  const [stack, kafka] = await Promise.all([
    startStack({ directory: join(directory, 'stack'), which }),
    restartable(launchKafka),
  ]);
  const { eventStore, redis, mongodb, postgres, s3 } = stack.servers;
  const servers = { eventStore, kafka, redis, mongodb, postgres, s3 };
  const urls = { ...urlsOf(servers) };
  const started: LoneProcess[] = [];
  return {
    directory,
    urls,
    guestUrl: urls.kafka.replace(`partitura:${ruler}`, `guest:${guest}`),
    servers,
    start: async (service, given, more = {}) => {
      const one = await startLoneProcess(service, {
        ...environmentOf({ ...urls, ...given }),
        PARTITURA_SERVICE_KEY: serviceKey,
        PARTITURA_SECRET_KEY: secretKey,
        PARTITURA_SIGNING_KEY: signingKey,
        PARTITURA_ENGINE_START_SECONDS: '6',
        ...more,
      });
      started.push(one);
      return one;
    },
    secretsIn: (text) =>
      [serviceKey, secretKey, signingKey, guest, wrongPassword, ...passwordsOf(urls)].filter((secret) =>
        text.includes(secret),
      ),
    stopServices: async () => {
      await Promise.all(started.splice(0).map((one) => one.stop()));
    },
    close: async () => {
      await kafka.stop();
      await stack.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};

const urlsOf = (servers: Readonly<Record<EngineName, RestartableServer>>): EngineUrls => ({
  eventStore: servers.eventStore.url,
  kafka: servers.kafka.url,
  redis: servers.redis.url,
  mongodb: servers.mongodb.url,
  postgres: servers.postgres.url,
  s3: servers.s3.url,
});

const environmentOf = (urls: EngineUrls): Readonly<Record<string, string>> =>
  Object.fromEntries(engineNames.map((name) => [engines[name].variable, urls[name]]));

/** That of PGlite is the name of everything there, and no secret. */
const passwordsOf = (urls: EngineUrls): readonly string[] =>
  Object.values(urls).flatMap((url) => {
    const password = /\/\/[^:@/]*:([^@]*)@/.exec(url)?.[1] ?? 'postgres';
    return password === 'postgres' ? [] : [password, decodeURIComponent(password)];
  });

/** With a password that its server does not know. */
export const withWrongPassword = (url: string): string =>
  url.replace(/\/\/([^:@/]*):[^@]*@/, `//$1:${wrongPassword}@`);

export interface Reason {
  readonly exit: number | null;
  readonly code: string;
  readonly msg: string;
}

/** Why it ended: its last line. */
export const reasonOf = async (one: LoneProcess): Promise<Reason> => {
  const exit = await one.ended;
  const line = one.said().trimEnd().split('\n').at(-1) ?? '';
  // Before there is a logger, a line for people.
  if (!line.startsWith('{')) return { code: 'CONFIGURATION', msg: line, exit };
  const said: unknown = JSON.parse(line);
  const field = (name: string): string => String(Reflect.get(Object(said), name));
  return { code: field('code'), msg: field('msg'), exit };
};

/** What it waited for, as it said so. */
export const waitingLines = (one: LoneProcess): readonly string[] =>
  one.said().match(/"msg":"waiting for[^"]*"/g) ?? [];
