import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Round } from '../../benchmark.ts';
import { withTemporaryDirectory } from '../../temporary-directory.ts';
import { startChild } from '../child.ts';
import { percentOfProcessor, type Usage } from '../usage.ts';
import type { Heard } from './clients.ts';
import type { Loaded } from './load.ts';

const clients = 500;
const seconds = 20;
const warmUpSeconds = 3;

interface Fed extends Heard {
  readonly atRestMiB: number;
  readonly idleMiB: number;
  readonly mostMiB: number;
  /** Percent of one. */
  readonly processor: number;
  /** Processor time for each event that a client got, with whatever else an event takes. */
  readonly cpuMicroseconds: number;
}

const feed = async (script: string, directory: string, lasting: number): Promise<Fed> => {
  const server = startChild(join(import.meta.dirname, script), [directory]);
  try {
    const url = await server.ask<string>('url');
    const atRest = await server.ask<Usage>('usage');
    const listeners = startChild(join(import.meta.dirname, 'clients.ts'), [url, String(clients)]);
    try {
      await listeners.ask<number>('connected');
      await sleep(1_000);
      const idle = await server.ask<Usage>('usage');
      const { events, from, mostMiB } = await server.ask<Loaded>('load', lasting);
      const heard = await listeners.ask<Heard>('heard', events * clients);
      // Only now: what was due may be written later.
      const to = await server.ask<Usage>('usage');
      const processor = percentOfProcessor(from, to);
      const cpuMicroseconds = ((to.cpuMs - from.cpuMs) * 1_000) / heard.events;
      return {
        ...heard,
        atRestMiB: atRest.rssMiB,
        idleMiB: idle.rssMiB,
        mostMiB,
        processor,
        cpuMicroseconds,
      };
    } finally {
      await listeners.stop();
    }
  } finally {
    await server.stop();
  }
};

const both = async (index: number): Promise<{ ours: Fed; raw: Fed }> => {
  const lasting = index < 0 ? warmUpSeconds : seconds;
  const oursOnce = () => withTemporaryDirectory((directory) => feed('ours.ts', directory, lasting));
  if (index % 2 === 0) {
    const ours = await oursOnce();
    return { ours, raw: await feed('raw.ts', '', lasting) };
  }
  const raw = await feed('raw.ts', '', lasting);
  return { ours: await oursOnce(), raw };
};

export const feeds: Benchmark = {
  name: 'feeds',
  unit: 'ms',
  method: `${clients} clients of /events in a process of their own, ${seconds} s of 200 appends/s at a standalone server: p95 from when an event was to be appended until a client has it. The limit is a bare node:http server that writes the same text to as many clients.`,
  target: { kind: 'at_most', value: 50 },
  rounds: 3,
  round: async (index): Promise<Round> => {
    const { ours, raw } = await both(index);
    return {
      ours: ours.p95,
      limit: raw.p95,
      beside: {
        'p50 ms': ours.p50,
        'max ms': ours.max,
        'processor %': ours.processor,
        'µs a delivery': ours.cpuMicroseconds,
        'MiB at rest': ours.atRestMiB,
        'MiB with idle clients': ours.idleMiB,
        'MiB under load': ours.mostMiB,
        'limit p50 ms': raw.p50,
        'limit max ms': raw.max,
        'limit processor %': raw.processor,
        'limit µs a delivery': raw.cpuMicroseconds,
        'limit MiB under load': raw.mostMiB,
      },
    };
  },
};
