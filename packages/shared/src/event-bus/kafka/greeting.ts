import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { BusError, credentialsRefused } from './errors.ts';
import type { KafkaAddress } from './kafka-url.ts';

const apiVersions = 18;
const saslHandshake = 17;

/** ListTransactions came with Kafka 3.0, which is as far back as the protocol versions are tried that we use. */
const ofTheOldest = 66;
const oldest = '3.0';

const illegalSaslState = 34;
const unsupportedMechanism = 33;

/**
 * The first words of the protocol, spoken by ourselves: the client tells neither an old broker nor something that is not Kafka
 * from one that is away, and waits for ever for a broker that wants credentials it was not given.
 * @throws {BusError} `BUS_VERSION_UNSUPPORTED`, `BUS_CREDENTIALS_REFUSED`, `BUS_FAILED` for what is not Kafka;
 * {Error} of the network while nobody answers
 */
export const greet = async (
  { credentials, tls }: KafkaAddress,
  broker: { readonly host: string; readonly port: number },
  timeoutMs: number,
): Promise<void> => {
  const where = `${broker.host}:${broker.port}`;
  const socket = await open(broker, tls);
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    const versions = await ask(socket, where, request(apiVersions, 0, Buffer.alloc(0)));
    if (!keysOf(versions).includes(ofTheOldest)) throw tooOld(where);
    const mechanism = (credentials?.mechanism ?? 'plain').toUpperCase();
    const answer = await ask(socket, where, request(saslHandshake, 1, text(mechanism)));
    const refused = refusalOf(answer.readInt16BE(0), credentials !== null, mechanism);
    if (refused) throw credentialsRefused(where, refused);
  } finally {
    socket.destroy();
  }
};

const refusalOf = (code: number, given: boolean, mechanism: string): string | null => {
  if (code === illegalSaslState) return given ? 'this listener asks for none' : null;
  if (!given) return 'it asks for some, and the URL has none';
  return code === unsupportedMechanism ? `it does not know the mechanism ${mechanism}` : null;
};

const tooOld = (where: string): BusError =>
  new BusError('BUS_VERSION_UNSUPPORTED', `Apache Kafka at ${where} is older than ${oldest}.`, {
    advice: `Upgrade it to ${oldest} or newer; Partitura is tested with 4.3.`,
  });

const open = async (
  { host, port }: { readonly host: string; readonly port: number },
  tls: KafkaAddress['tls'],
): Promise<Socket> => {
  const ca = tls?.caFile ? { ca: await readFile(tls.caFile) } : {};
  const socket = tls ? connectSecurely({ host, port, servername: host, ...ca }) : connect(port, host);
  const patience = setTimeout(() => socket.destroy(new Error('no connection within 5 s')), 5_000);
  await new Promise<void>((resolve, reject) => {
    socket.once(tls ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  }).finally(() => clearTimeout(patience));
  return socket;
};

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Length, key, version, correlation id, client id, body. */
const request = (key: number, version: number, body: Buffer): Buffer => {
  const clientId = text('partitura');
  const head = Buffer.alloc(12);
  head.writeInt32BE(8 + clientId.length + body.length, 0);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(key, 8);
  return Buffer.concat([head, clientId, body]);
};

const mostBytes = 65_536;

/** The answer without its length and correlation id. */
const ask = async (socket: Socket, where: string, bytes: Buffer): Promise<Buffer> => {
  socket.write(bytes);
  let received = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, chunk]);
    const length = received.length >= 4 ? received.readInt32BE(0) : 0;
    if (
      length > mostBytes ||
      length < 0 ||
      (received.length >= 8 && received.readInt32BE(4) !== bytes.readInt32BE(8))
    )
      throw notKafka(where);
    if (received.length >= 4 + length && length >= 6) return received.subarray(8, 4 + length);
  }
  throw new Error('it closed the connection');
};

const notKafka = (where: string): BusError =>
  new BusError('BUS_FAILED', `What answers at ${where} does not speak the protocol of Apache Kafka.`, {
    advice: 'Correct PARTITURA_BUS_URL; a listener with TLS needs ?tls=true.',
  });

const keysOf = (versions: Buffer): readonly number[] => {
  if (versions.length < 6) return [];
  const count = Math.min(versions.readInt32BE(2), Math.floor((versions.length - 6) / 6));
  return Array.from({ length: Math.max(0, count) }, (_, index) => versions.readInt16BE(6 + index * 6));
};
