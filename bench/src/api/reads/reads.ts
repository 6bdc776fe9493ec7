import { join } from 'node:path';
import type { Benchmark, Round } from '../../benchmark.ts';
import { keptDirectory } from '../../temporary-directory.ts';
import { startChild } from '../child.ts';
import { percentOfProcessor, type Usage } from '../usage.ts';
import type { Asked } from './client.ts';
import { events } from './fill.ts';

const perSecond = 1_000;
const seconds = 20;
/** Of every round: a server is not in its first second. */
const warmUpSeconds = 3;

let prepared: string | null = null;

/** The log is written once, and once read into the read models. */
const data = async (): Promise<string> => {
  if (prepared) return prepared;
  const made = keptDirectory();
  prepared = made;
  const preparing = startChild(join(import.meta.dirname, 'prepare.ts'), [made]);
  try {
    await preparing.ask<number>('ready');
  } finally {
    await preparing.stop();
  }
  return made;
};

interface Answered extends Asked {
  /** Percent of one. */
  readonly processor: number;
  readonly cpuMicroseconds: number;
  readonly rssMiB: number;
}

const askedOf = async (script: string, directory: string, lasting: number): Promise<Answered> => {
  const server = startChild(join(import.meta.dirname, script), [directory]);
  try {
    const url = await server.ask<string>('url');
    const client = startChild(join(import.meta.dirname, 'client.ts'), [url, directory]);
    try {
      await client.ask<Asked>('ask', perSecond / 4, warmUpSeconds);
      const from = await server.ask<Usage>('usage');
      const asked = await client.ask<Asked>('ask', perSecond, lasting);
      const to = await server.ask<Usage>('usage');
      const cpuMicroseconds = ((to.cpuMs - from.cpuMs) * 1_000) / asked.questions;
      return { ...asked, processor: percentOfProcessor(from, to), cpuMicroseconds, rssMiB: to.rssMiB };
    } finally {
      await client.stop();
    }
  } finally {
    await server.stop();
  }
};

const both = async (index: number): Promise<{ ours: Answered; raw: Answered }> => {
  const directory = await data();
  const lasting = index < 0 ? warmUpSeconds : seconds;
  if (index % 2 === 0) {
    const ours = await askedOf('ours.ts', directory, lasting);
    return { ours, raw: await askedOf('raw.ts', directory, lasting) };
  }
  const raw = await askedOf('raw.ts', directory, lasting);
  return { ours: await askedOf('ours.ts', directory, lasting), raw };
};

export const reads: Benchmark = {
  name: 'reads',
  unit: 'ms',
  method: `${events.toLocaleString('en')} events with read models; ${perSecond} questions a second for ${seconds} s, in turns a run, a run's tasks, a page deep in a run's history, agents, a search in one project or in all: p95 from when a question was due to the end of its answer. The limit is a bare node:http server that reads the same answers from SQLite.`,
  target: { kind: 'at_most', value: 20 },
  rounds: 3,
  round: async (index): Promise<Round> => {
    const { ours, raw } = await both(index);
    const byKind = Object.entries(ours.byKind).map(([kind, p95]) => [`${kind} p95 ms`, p95] as const);
    return {
      ours: ours.p95,
      limit: raw.p95,
      beside: {
        'p50 ms': ours.p50,
        'p99 ms': ours.p99,
        ...Object.fromEntries(byKind),
        'processor %': ours.processor,
        'µs an answer': ours.cpuMicroseconds,
        'bytes an answer': ours.bytes / ours.questions,
        MiB: ours.rssMiB,
        'limit p50 ms': raw.p50,
        'limit p99 ms': raw.p99,
        'limit µs an answer': raw.cpuMicroseconds,
      },
    };
  },
};
