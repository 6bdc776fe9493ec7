import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { beginning, parseStreamName, type RecordedEvent, type RunEvent } from '@partitura/shared/events';
import { closedQueue, closedStore, withoutImports } from '@partitura/shared/replaying';
import type { Clock } from '@partitura/shared/runtime';
import type { ReactionDependencies } from '../reactors/reaction.ts';
import { createReactor } from '../reactors/reactor.ts';
import type { UntimedRunCommand } from '../runs/run-handler.ts';
import type { RunState } from '../runs/state.ts';

/** What a reaction may look at, as it was then. */
export interface Surroundings {
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly run: () => RunState;
  readonly plan: readonly RecordedEvent[];
  /** What a fork inherits is read where it stands. */
  readonly store: Pick<EventStore, 'readStream'>;
}

/** What a reaction comes to: something that the run is told, or, for the beginning of a fork, what it records at once. */
export type Reaction = { readonly command: UntimedRunCommand } | { readonly begins: readonly RunEvent[] };

const refuse = (): never => {
  throw new Error('A replay writes nothing.');
};

/** The plan is read as it stood then; what is appended is kept apart. */
const storeOf = ({ plan, store }: Pick<Surroundings, 'plan' | 'store'>, begun: RunEvent[]): EventStore => ({
  ...closedStore,
  readStream: (stream, options) =>
    options?.direction === 'backwards' && parseStreamName(stream).category === 'plan'
      ? pageOf(plan)
      : store.readStream(stream, options),
  readAll: withoutImports,
  append: async (_, events) => {
    // The category of the stream fixes its event types.
    begun.push(...(events as readonly RunEvent[]));
    return { revision: events.length - 1, position: beginning, alreadyRecorded: false };
  },
});

async function* pageOf(events: readonly RecordedEvent[]): AsyncGenerator<readonly RecordedEvent[]> {
  if (events.length > 0) yield events;
}

/**
 * What the orchestrator tells a run because of an event: its own reactions are asked, on surroundings in which nothing can be
 * changed. Null when it would tell it nothing.
 */
export const reactionTo = async (
  event: RecordedEvent,
  { blobs, clock, run, plan, store }: Surroundings,
): Promise<Reaction | null> => {
  const told: UntimedRunCommand[] = [];
  const begun: RunEvent[] = [];
  const nothing = { events: [], revision: -1, position: beginning };
  const folded = async () => ({ state: run(), revision: -1, position: beginning });
  const dependencies: ReactionDependencies = {
    store: storeOf({ plan, store }, begun),
    blobs,
    clock,
    queue: closedQueue,
    early: { offer: () => undefined, wasOffered: () => true },
    projects: {
      handle: async () => nothing,
      read: refuse,
      knows: () => true,
      peek: () => null,
      forget: () => undefined,
    },
    runs: {
      handle: async (_, command) => {
        told.push(command);
        return nothing;
      },
      read: folded,
      knows: () => true,
      peek: () => null,
      forget: () => undefined,
      isExcerpt: async () => false,
      findOver: async () => null,
    },
  };
  await createReactor(dependencies)([event]);
  const [command] = told;
  if (begun.length > 0) return { begins: begun.map(({ type, data }) => ({ type, data }) as RunEvent) };
  return command === undefined ? null : { command };
};
