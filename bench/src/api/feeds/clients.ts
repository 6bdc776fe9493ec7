import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../statistics.ts';
import { answerParent } from '../child.ts';
import { microseconds } from '../microseconds.ts';
import { mark } from './load.ts';

export interface Heard {
  /** By all clients together. */
  readonly events: number;
  /** In milliseconds, from when it was due. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** `clients.ts URL COUNT`: sockets that look for marks in what they get, and for nothing else, so that they are not what is measured. */
const [address = '', count = '0'] = process.argv.slice(2);
const url = new URL(address);
const pattern = new RegExp(`"id":"${mark}(\\d+)"`, 'g');
const longestMark = 40;
const millisecondsOf: number[] = [];
let broken = 0;

/** A mark that two chunks share is found when the second one is there. */
const listen = (socket: Socket): void => {
  let rest = '';
  socket.on('data', (chunk: string) => {
    const now = microseconds();
    const text = rest + chunk;
    let done = 0;
    for (const found of text.matchAll(pattern)) {
      millisecondsOf.push((now - Number(found[1])) / 1_000);
      done = found.index + found[0].length;
    }
    rest = text.slice(Math.max(done, text.length - longestMark));
  });
};

const open = async (): Promise<Socket> => {
  const socket = connect(Number(url.port), url.hostname).setEncoding('latin1');
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  let text = '';
  while (!text.includes('event: open')) text += (await once(socket, 'data'))[0];
  listen(socket);
  socket.on('close', () => {
    broken += 1;
  });
  return socket;
};

const sockets: Socket[] = [];
for (let index = 0; index < Number(count); index += 1) sockets.push(await open());

const patienceMs = 20_000;

answerParent({
  connected: () => sockets.length,
  heard: async (expected: number): Promise<Heard> => {
    const begun = performance.now();
    while (millisecondsOf.length < expected && performance.now() - begun < patienceMs) await sleep(50);
    if (millisecondsOf.length !== expected || broken > 0)
      throw new Error(`${millisecondsOf.length} of ${expected} came, ${broken} connections broke.`);
    const max = millisecondsOf.reduce((most, one) => Math.max(most, one), 0);
    const at = (share: number) => percentile(millisecondsOf, share);
    return { events: millisecondsOf.length, p50: at(0.5), p95: at(0.95), max };
  },
  stop: () => {
    for (const socket of sockets) socket.removeAllListeners('close').destroy();
  },
});
