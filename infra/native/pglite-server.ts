import { createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { type Batch, batchReader } from './pglite-batches.ts';

// The program behind `pglite.ts`: PGlite with pgvector for any number of clients. Not the socket server of the package
// (pglite-socket 0.2.17): that one hands single messages of all clients to the one session there is, so that one client's Parse
// replaces the statement another one is about to bind, and one error inside stops it for good
// (https://github.com/electric-sql/pglite/issues/1046). Here a client has the session for a whole batch, and while it has a transaction.

const { values } = parseArgs({ options: { directory: { type: 'string' }, port: { type: 'string' } } });
const database = await PGlite.create({
  ...(values.directory === undefined ? {} : { dataDir: values.directory }),
  extensions: { vector },
});
await database.exec('create extension if not exists vector');

let lastTurn = Promise.resolve();

/** Resolves to what ends the turn, when it is one's own. */
const turn = async (): Promise<() => void> => {
  const before = lastTurn;
  const { promise, resolve } = Promise.withResolvers<void>();
  lastTurn = promise;
  await before;
  return resolve;
};

const serve = async (socket: Socket): Promise<void> => {
  const reader = batchReader();
  let endTurn: (() => void) | null = null;

  const run = async ({ bytes, isOver }: Batch): Promise<void> => {
    endTurn ??= await turn();
    await database.runExclusive(() =>
      database.execProtocolRawStream(bytes, {
        onRawData: (data) => {
          // The buffer is used again for the next answer.
          if (socket.writable) socket.write(Buffer.from(data));
        },
      }),
    );
    if (!isOver || database.isInTransaction()) return;
    endTurn();
    endTurn = null;
  };

  const leave = async (): Promise<void> => {
    if (endTurn !== null && database.isInTransaction()) await database.exec('rollback');
  };

  try {
    for await (const chunk of socket) {
      const { batches, answer, isGone } = reader.read(chunk);
      if (answer !== null) socket.write(answer);
      for (const batch of batches) await run(batch);
      if (isGone) break;
    }
  } finally {
    socket.destroy();
    await leave().finally(endTurn);
  }
};

const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.setNoDelay(true);
  serve(socket)
    // A client that went away in the middle is none of ours.
    .catch((error: unknown) => console.error(String(error)))
    .finally(() => sockets.delete(socket));
});
server.listen(Number(values.port), '127.0.0.1');

const stop = async (): Promise<void> => {
  server.close();
  for (const socket of sockets) socket.destroy();
  await turn();
  await database.close();
  process.exit();
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
