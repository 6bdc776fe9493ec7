import { z } from 'zod';
import {
  asOrganizationId,
  asRunId,
  type Category,
  type ContractTables,
  contract,
  createEventRegistry,
  type EventMetadata,
  type EventToAppend,
  type RecordedEvent,
  type StreamName,
} from '../../events/index.ts';
import type { EventStore, ExpectedRevision, ReadAllOptions, ReadStreamOptions } from '../port.ts';

/** Contracts that nobody else changes, in their first version. */
export const firstTables = {
  run: {
    'note.taken': contract('A note.', z.strictObject({ text: z.string(), more: z.json().optional() })),
    'note.read': contract('Seen.', z.strictObject({})),
  },
  agent: { 'agent.noted': contract('A note of an agent.', z.strictObject({ text: z.string() })) },
} satisfies ContractTables;

/** The same, later: a note has lines. */
export const secondTables: ContractTables = {
  ...firstTables,
  run: {
    ...firstTables.run,
    'note.taken': {
      version: 3,
      description: 'A note.',
      schema: z.strictObject({ lines: z.array(z.string()), author: z.string() }),
      upcasters: {
        1: ({ text }: { text: string }) => ({ lines: text.split('\n') }),
        2: ({ lines }: { lines: string[] }) => ({ lines, author: 'unknown' }),
      },
    },
  },
};

export const firstRegistry = createEventRegistry(firstTables);
export const secondRegistry = createEventRegistry(secondTables);

export const streamOf = (category: Category, id: string | number): StreamName =>
  `${category}-${id}` as StreamName;

const metadata: EventMetadata = {
  source: '/test',
  actor: 'user:tester',
  correlationId: 'c1',
  causationId: null,
  organizationId: asOrganizationId('o1'),
};

export const note = (id: string, text = `Text of ${id}`, runId?: string): EventToAppend => ({
  id,
  type: 'note.taken',
  version: 1,
  data: { text },
  time: '2026-01-02T03:04:05.678Z',
  metadata: runId === undefined ? metadata : { ...metadata, runId: asRunId(runId) },
});

export const notes = (prefix: string, count: number): EventToAppend[] =>
  Array.from({ length: count }, (_, index) => note(`${prefix}${index}`));

export const wholeStream = async (
  store: EventStore,
  stream: StreamName,
  options?: ReadStreamOptions,
): Promise<RecordedEvent[]> => (await Array.fromAsync(store.readStream(stream, options))).flat();

export const wholeLog = async (store: EventStore, options?: ReadAllOptions): Promise<RecordedEvent[]> =>
  (await Array.fromAsync(store.readAll(options))).flatMap(({ events }) => events);

export const idsOf = (events: readonly RecordedEvent[]): string[] => events.map(({ id }) => id);

/** Whether an append was taken; a conflict is a no, anything else is thrown. */
export const wasTaken = async (
  store: EventStore,
  stream: StreamName,
  events: readonly EventToAppend[],
  expected: ExpectedRevision,
) => {
  try {
    await store.append(stream, events, expected);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'STREAM_REVISION_CONFLICT') return false;
    throw error;
  }
};

/** Reads a subscription until it has brought `count` events. */
export const take = async (
  subscription: AsyncIterable<{ readonly events: readonly RecordedEvent[] }>,
  count: number,
): Promise<RecordedEvent[]> => {
  const taken: RecordedEvent[] = [];
  for await (const { events } of subscription) {
    taken.push(...events);
    if (taken.length >= count) break;
  }
  return taken;
};
