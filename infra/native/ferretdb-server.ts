import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hasMoreToCome, isGreeting, wholeMessages } from './ferretdb-messages.ts';
import { isListening, socketFile } from './ferretdb-socket.ts';
import { endsWithStarter } from './program.ts';

// The program behind `ferretdb.ts`: FerretDB on a socket in the directory this process runs in, and in front of it one that lets
// one request at a time through, of all clients. MongoDB changes a document in one step; FerretDB 1.24 on SQLite looks for it
// first and writes then, and what another one wrote in between is lost: of 8 clients' 400 guarded increments 51 to 64 stayed. Given
// one request at a time it does what MongoDB does. SQLite has one writer in any case.

const { values, positionals } = parseArgs({
  options: { port: { type: 'string' } },
  allowPositionals: true,
});

// Of one that was killed it may not be gone yet: two must not have the same data.
while (await isListening(socketFile)) await sleep(10);
await rm(socketFile, { force: true });

const [command = '', ...rest] = [...endsWithStarter, ...positionals, `--listen-unix=${socketFile}`];
const ferretDb = spawn(command, rest, { stdio: 'inherit' });
let isStopping = false;
ferretDb.once('error', (error) => {
  console.error(String(error));
  process.exit(1);
});
// With it, its clients are hung up on.
ferretDb.once('exit', () => process.exit(isStopping ? 0 : 1));
while (!(await isListening(socketFile))) await sleep(10);

let lastTurn = Promise.resolve();

/** In the order in which they ask. Resolves to what ends the turn, when it is one's own. */
const turn = async (): Promise<() => void> => {
  const before = lastTurn;
  const { promise, resolve } = Promise.withResolvers<void>();
  lastTurn = promise;
  await before;
  return resolve;
};

type Ask = (request: Buffer) => Promise<readonly Buffer[]>;

/** One connection to FerretDB per client: that is how it knows who has logged in. */
const askingOn = (upstream: Socket): Ask => {
  const messages = wholeMessages(upstream);
  return async (request) => {
    upstream.write(request);
    const answer: Buffer[] = [];
    // It answers all there is, or hangs up.
    for (let isOver = false; !isOver; ) {
      const { value: message } = await messages.next();
      if (message === undefined) throw new Error('FerretDB hung up.');
      answer.push(message);
      isOver = !hasMoreToCome(message);
    }
    return answer;
  };
};

/** A request that is under way is waited for also when its client is gone: FerretDB is still at it. */
const serve = async (client: Socket, ask: Ask): Promise<void> => {
  for await (const request of wholeMessages(client)) {
    // Drivers take a server for gone that does not greet in ten seconds, which one long request takes on a busy machine: each then
    // breaks off what it had asked, and asks for it again, behind itself.
    const endTurn = isGreeting(request) ? () => undefined : await turn();
    const answer = await ask(request).finally(endTurn);
    // FerretDB answers also who does not want it; MongoDB does not.
    if (!hasMoreToCome(request)) for (const message of answer) client.write(message);
  }
};

/** Who comes to an error is hung up on, and hears of it by that. */
const ignored = (): void => undefined;

const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect(socketFile);
  for (const socket of [client, upstream]) sockets.add(socket.on('error', ignored));
  const hangUp = (): void => {
    for (const socket of [client, upstream]) {
      socket.destroy();
      sockets.delete(socket);
    }
  };
  upstream.once('close', hangUp);
  serve(client, askingOn(upstream)).catch(ignored).finally(hangUp);
});
server.listen(Number(values.port), '127.0.0.1');

const stop = async (): Promise<void> => {
  isStopping = true;
  server.close();
  await turn();
  for (const socket of sockets) socket.destroy();
  ferretDb.kill();
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
