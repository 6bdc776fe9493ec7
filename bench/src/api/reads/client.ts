import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { percentile } from '../../statistics.ts';
import { answerParent } from '../child.ts';
import { microseconds } from '../microseconds.ts';
import { openLoop } from '../open-loop.ts';
import type { Question } from './questions.ts';

export interface Asked {
  readonly questions: number;
  readonly bytes: number;
  /** In milliseconds, from when a question was due until its answer was there to its end. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** p95 of each kind. */
  readonly byKind: Readonly<Record<string, number>>;
}

/** `client.ts URL DIRECTORY` */
const [url = '', directory = ''] = process.argv.slice(2);
const questions = JSON.parse(
  await readFile(join(directory, 'questions.json'), 'utf8'),
) as readonly Question[];
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** @returns the answer's bytes */
const ask = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Uint8Array) => {
        bytes += chunk.byteLength;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${path} was answered with ${response.statusCode}.`));
      });
    }).on('error', reject);
  });

const askAll = async (perSecond: number, seconds: number): Promise<Asked> => {
  const taken: { readonly kind: string; readonly ms: number; readonly bytes: number }[] = [];
  const asked: Promise<void>[] = [];
  await openLoop(perSecond, seconds, (dueAt, index) => {
    const { kind, path } = questions[index % questions.length] ?? { kind: '', path: '' };
    const one = async (): Promise<void> => {
      const bytes = await ask(path);
      taken.push({ kind, bytes, ms: (microseconds() - dueAt) / 1_000 });
    };
    asked.push(one());
  });
  await Promise.all(asked);
  const times = taken.map(({ ms }) => ms);
  const kinds = [...Map.groupBy(taken, ({ kind }) => kind)].map(
    ([kind, ofKind]) =>
      [
        kind,
        percentile(
          ofKind.map(({ ms }) => ms),
          0.95,
        ),
      ] as const,
  );
  return {
    questions: taken.length,
    bytes: taken.reduce((sum, { bytes }) => sum + bytes, 0),
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    byKind: Object.fromEntries(kinds),
  };
};

answerParent({ ask: askAll, stop: () => agent.destroy() });
