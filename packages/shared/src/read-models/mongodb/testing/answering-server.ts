import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

/** What a command is answered with; `ok: 1` unless it says otherwise. */
export type Answers = Readonly<Record<string, object>>;

export interface AnsweringServer {
  readonly port: number;
  /** Commands that came, in order, without those that the client sends for itself. */
  readonly commands: readonly string[];
  stop(): Promise<void>;
}

const header = 16;
const query = 2004;
const reply = 1;
const message = 2013;

/**
 * A server that speaks MongoDB's wire protocol and answers each command with what the test says: for what FerretDB cannot be, an
 * old version or one whose roles forbid something.
 */
export const answeringServer = async (answers: Answers): Promise<AnsweringServer> => {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const answerTo = (command: BSON.Document): BSON.Document => {
    const [name = ''] = Object.keys(command);
    if (!/^(hello|ismaster|ping|endSessions)$/i.test(name)) commands.push(name);
    const isHello = /^(hello|ismaster)$/i.test(name);
    return { ok: 1, ...(isHello ? greeting : {}), ...answers[isHello ? 'hello' : name] };
  };
  const server = createServer((socket) => {
    let waiting: Buffer = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= header && waiting.length >= waiting.readInt32LE(0)) {
        const request = waiting.subarray(0, waiting.readInt32LE(0));
        waiting = waiting.subarray(request.length);
        socket.write(response(request, answerTo(commandIn(request))));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    commands,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

/** As MongoDB 7.0 does. */
const greeting = {
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  minWireVersion: 0,
  maxWireVersion: 21,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
};

/** The greeting is still asked for with the old operation. */
const commandIn = (request: Buffer): BSON.Document => {
  if (request.readInt32LE(12) !== query) return BSON.deserialize(request.subarray(header + 5));
  const endOfName = request.indexOf(0, header + 4);
  const start = endOfName + 9;
  return BSON.deserialize(request.subarray(start, start + request.readInt32LE(start)));
};

const response = (request: Buffer, answer: BSON.Document): Buffer => {
  const isQuery = request.readInt32LE(12) === query;
  const before = Buffer.alloc(header + (isQuery ? 20 : 5));
  const body = BSON.serialize(answer);
  before.writeInt32LE(before.length + body.length, 0);
  before.writeInt32LE(request.readInt32LE(4), 8);
  before.writeInt32LE(isQuery ? reply : message, 12);
  if (isQuery) before.writeInt32LE(1, header + 16);
  return Buffer.concat([before, body]);
};
