import { BusError } from './errors.ts';

export const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type Mechanism = (typeof mechanisms)[number];

export interface KafkaAddress {
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  /** The brokers, for people: no credentials. */
  readonly where: string;
  readonly credentials: {
    readonly user: string;
    readonly password: string;
    readonly mechanism: Mechanism;
  } | null;
  readonly tls: { readonly caFile: string | null } | null;
  /** Of topics and groups. */
  readonly prefix: string;
  /** Of each topic. */
  readonly partitions: number;
  /** Of topics we create; null leaves it to the broker. */
  readonly replicas: number | null;
}

const shape = /^kafka:\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?(?:\?([^#]*))?$/;
const known: ReadonlySet<string> = new Set([
  'tls',
  'tlsCAFile',
  'mechanism',
  'prefix',
  'partitions',
  'replicas',
]);

/**
 * `kafka://[user:password@]host[:9092][,host…]/[?tls=…&tlsCAFile=…&mechanism=…&prefix=…&partitions=…&replicas=…]`.
 * @throws {BusError} `BUS_URL_INVALID`; the message does not repeat the URL, which may hold a password
 */
export const kafkaAddress = (url: string): KafkaAddress => {
  const [matched, login, hosts = '', query = ''] = shape.exec(url) ?? [];
  if (matched === undefined) throw invalid('it does not read kafka://host:port/');
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys())
    if (!known.has(name)) throw invalid(`it has no parameter "${name}" (${[...known].join(', ')})`);
  const value = (name: string, otherwise: string): string => parameters.get(name) ?? otherwise;
  const brokers = hosts.split(',').map(brokerOf);
  return {
    brokers,
    where: brokers.map(({ host, port }) => `${host}:${port}`).join(','),
    credentials: credentialsOf(login, oneOf('mechanism', value('mechanism', 'plain'), mechanisms)),
    tls: tlsOf(parameters.get('tls'), parameters.get('tlsCAFile')),
    prefix: prefixOf(value('prefix', 'partitura.')),
    partitions: numberOf('partitions', value('partitions', '12'), 1_000),
    replicas: parameters.has('replicas') ? numberOf('replicas', value('replicas', ''), 32) : null,
  };
};

/** A file of certificates says that there is TLS. */
const tlsOf = (given: string | null, caFile: string | null): KafkaAddress['tls'] => {
  const tls = oneOf('tls', given ?? String(caFile !== null), ['true', 'false']) === 'true';
  if (caFile !== null && !tls) throw invalid('tlsCAFile is of no use with tls=false');
  return tls ? { caFile } : null;
};

const brokerOf = (text: string): { host: string; port: number } => {
  const [, bracketed, plain, port = '9092'] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw invalid('each of its brokers reads host or host:port');
  return { host, port: numberOf('a port', port, 65_535) };
};

const credentialsOf = (login: string | undefined, mechanism: Mechanism): KafkaAddress['credentials'] => {
  if (login === undefined) return null;
  const [, user, password] = /^([^:]+):(.*)$/.exec(login) ?? [];
  if (user === undefined || password === undefined) throw invalid('before the @ it reads user:password');
  try {
    return { user: decodeURIComponent(user), password: decodeURIComponent(password), mechanism };
  } catch {
    throw invalid('user or password are not percent-encoded');
  }
};

const prefixOf = (text: string): string => {
  if (!/^[A-Za-z0-9._-]{0,100}$/.test(text))
    throw invalid('a prefix has letters, digits, ".", "_" and "-", a hundred of them at most');
  return text;
};

const numberOf = (what: string, text: string, most: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw invalid(`${what} is a number from 1 to ${most}`);
  return value;
};

const oneOf = <Choice extends string>(what: string, text: string, choices: readonly Choice[]): Choice => {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw invalid(`${what} is one of ${choices.join(', ')}`);
  return found;
};

const invalid = (why: string): BusError =>
  new BusError('BUS_URL_INVALID', `The URL of the event bus cannot be used: ${why}.`, {
    advice: 'It reads kafka://user:password@host:9092,host2:9092/?tls=true&prefix=partitura.&partitions=12.',
  });
