import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { beginning, type RecordedEvent } from '@partitura/shared/events';
import { closedQueue, closedStore } from '@partitura/shared/replaying';
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
}

const refuse = (): never => {
  throw new Error('A replay writes nothing.');
};

const planOnly = (plan: readonly RecordedEvent[]): EventStore => ({
  ...closedStore,
  readStream: async function* () {
    yield plan;
  },
});

/**
 * What the orchestrator tells a run because of an event: its own reactions are asked, on surroundings in which nothing can be
 * changed. Null when it would tell it nothing.
 */
export const reactionTo = async (
  event: RecordedEvent,
  { blobs, clock, run, plan }: Surroundings,
): Promise<UntimedRunCommand | null> => {
  const told: UntimedRunCommand[] = [];
  const nothing = { events: [], revision: -1, position: beginning };
  const folded = async () => ({ state: run(), revision: -1, position: beginning });
  const dependencies: ReactionDependencies = {
    store: planOnly(plan),
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
      findOver: async () => null,
    },
  };
  await createReactor(dependencies)([event]);
  return told[0] ?? null;
};
