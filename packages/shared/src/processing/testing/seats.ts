import type { EventStore } from '../../event-store/index.ts';
import { asRunId, type MergeEvent, recordedIn, type StreamName, streamName } from '../../events/index.ts';
import { PartituraError } from '../../runtime/index.ts';
import type { CommandEnvelope } from '../command-envelope.ts';
import type { Decider } from '../decider.ts';

/** A shop with so many seats: what is queued in the merge stream is a seat taken, and nobody takes one twice. */
export type Seats = { readonly capacity: number; readonly taken: string[] };
export type Command =
  | { kind: 'take'; who: string }
  | { kind: 'take all'; who: readonly string[] }
  | { kind: 'break'; how: 'decide' | 'evolve' | 'consequence' | 'contract' };

export const queued = (who: string): MergeEvent => ({
  type: 'merge.queued',
  data: { taskId: 'seat', attemptId: who, branch: who, commit: who },
});

const broken: MergeEvent = {
  type: 'merge.queued',
  data: { taskId: 'seat', attemptId: 'evolve', branch: 'evolve', commit: '' },
};

const take = (who: string, { capacity, taken }: Seats): readonly MergeEvent[] => {
  if (taken.includes(who)) return [];
  if (taken.length >= capacity) throw new PartituraError('FULL', `There is no seat for ${who}.`);
  return [queued(who)];
};

export const decide = (command: Command, seats: Seats): readonly MergeEvent[] => {
  switch (command.kind) {
    case 'take':
      return take(command.who, seats);
    case 'take all':
      return command.who.map(queued);
    case 'break':
      if (command.how === 'decide') throw new TypeError('a defect in decide');
      if (command.how === 'evolve') return [queued('half'), broken];
      if (command.how === 'contract')
        return [{ ...queued('x'), data: { ...queued('x').data, commit: 7 } } as never];
      return [queued('cause')];
  }
};

export const decider = (capacity: number): Decider<Seats, Command, MergeEvent> => ({
  initial: () => ({ capacity, taken: [] }),
  decide,
  consequences: (command) => {
    if (command.kind === 'break' && command.how === 'consequence')
      throw new PartituraError('FULL', 'A consequence refuses.');
    return [];
  },
  // Changes the state it is given, as real ones do.
  evolve: (seats, event) => {
    if (event === broken) throw new TypeError('a defect in evolve');
    if (event.type === 'merge.queued') seats.taken.push(event.data.attemptId);
    return seats;
  },
});

export const stream = streamName('merge', 'r_1');

export const commanded = (
  command: Command,
  more: Partial<CommandEnvelope<Command>> = {},
): CommandEnvelope<Command> => ({
  command,
  commandId: command.kind === 'take' ? `take/${command.who}` : `${command.kind}/${JSON.stringify(command)}`,
  metadata: {
    source: '/test',
    actor: 'service:test',
    correlationId: 'r_1',
    causationId: null,
    runId: asRunId('r_1'),
  },
  at: 1_700_000_000_000,
  ...more,
});
export const taking = (who: string, more: Partial<CommandEnvelope<Command>> = {}) =>
  commanded({ kind: 'take', who }, more);

/** Who has a seat, as the log has it. */
export const takenIn = async (store: EventStore, name: StreamName = stream): Promise<readonly string[]> =>
  recordedIn('merge', (await Array.fromAsync(store.readStream(name))).flat()).flatMap((event) =>
    event.type === 'merge.queued' ? [event.data.attemptId] : [],
  );

/** Counts appends, and lets a test hold or fail them. */
export const watched = (inner: EventStore) => {
  const watch = { appends: 0, before: async (): Promise<void> => {}, after: async (): Promise<void> => {} };
  const watchedStore: EventStore = {
    ...inner,
    append: async (...given) => {
      watch.appends += 1;
      await watch.before();
      const result = await inner.append(...given);
      await watch.after();
      return result;
    },
  };
  return { watch, store: watchedStore };
};

export const outcomes = async (work: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(work)).map((outcome) =>
    outcome.status === 'fulfilled' ? 'done' : (outcome.reason.code ?? outcome.reason.name),
  );
