import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerParent } from '../api/child.ts';
import { serve } from '../api/standalone.ts';

/** `exporting.ts DIRECTORY`: a standalone server, what it exports as a client writes it down, and the same bytes written plainly. */
const [directory = ''] = process.argv.slice(2);
const served = await serve(directory);
await served.caughtUp();
const files = await mkdtemp(join(tmpdir(), 'partitura-bench-'));

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
};

const fileOf = (format: string): string => join(files, `events.${format}`);

/** Of the process: what it had before, with all its services and what they have cached, and at the most. */
export interface Exported {
  readonly seconds: number;
  readonly mebibytes: number;
  readonly beforeMiB: number;
  readonly peakMiB: number;
}

/** Over HTTP to a file, of this very process: client and server take turns on one core. */
const exported = async (format: string): Promise<Exported> => {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let rss = before;
  const seconds = await secondsOf(async () => {
    const answer = await fetch(`${served.url}/api/v1/exports/events.${format}`, {
      headers: { 'accept-encoding': 'identity' },
    });
    if (!answer.ok || !answer.body) throw new Error(await answer.text());
    const watched = async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        rss = Math.max(rss, process.memoryUsage.rss());
        yield piece;
      }
    };
    await pipeline(answer.body, watched, createWriteStream(fileOf(format)));
  });
  const { length } = await readFile(fileOf(format));
  return { seconds, mebibytes: length / 2 ** 20, beforeMiB: before / 2 ** 20, peakMiB: rss / 2 ** 20 };
};

/** The same bytes, which are there, in pieces of 64 kB. */
const written = async (format: string): Promise<number> => {
  const bytes = await readFile(fileOf(format));
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
  return secondsOf(() => pipeline(Readable.from(pieces()), createWriteStream(join(files, 'plain'))));
};

answerParent({
  export: exported,
  write: written,
  stop: async () => {
    await served.stop();
    await rm(files, { recursive: true });
  },
});
