import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { type AgentEvent, type Position, type RecordedEvent, streamName } from '@partitura/shared/events';
import { recordedCalls } from '@partitura/shared/models';
import { type PlanDocument, planDocument } from '@partitura/shared/planning';
import {
  breathing,
  createAccount,
  decidesFrom,
  ownOf,
  type RecordedRunEvent,
  type ReplayPart,
  readOnlyBlobs,
  readUpTo,
  replayClock,
} from '@partitura/shared/replaying';
import { contents } from '../agents/contents.ts';
import type { RunView } from '../runs/run-view.ts';
import { type AgentMachineDependencies, agentMachine } from './agent-machine.ts';
import { replayAgent } from './replay-agent.ts';
import { type MergeDecider, replayMerges } from './replay-merges.ts';
import { runMoments } from './run-moments.ts';

export interface AgentsReplayDependencies {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly blobs: Pick<BlobStore, 'get' | 'has'>;
  /** Default: what an agent does next live. */
  readonly next?: AgentMachineDependencies['next'];
  /** Default: the one that decides live. */
  readonly mergeDecider?: MergeDecider;
}

/** What stands in the log was cleaned when it was written. */
const asItIs = {
  redactText: (text: string) => text,
  redactData: (data: unknown) => data,
  suspects: () => false,
};

/**
 * Plays a run's agents and merges again: each step of each agent is taken by the machine that takes it live, on the recorded answers,
 * results and checks, the questions included.
 */
export const replayAgents = async (
  { store, blobs, next, mergeDecider }: AgentsReplayDependencies,
  runId: string,
  runEvents: readonly RecordedRunEvent[],
  until: Position,
): Promise<ReplayPart> => {
  const account = createAccount();
  const readable = readOnlyBlobs(blobs);
  const kept = contents(readable, asItIs);
  const plans = new Map<string, Promise<PlanDocument>>();
  const moments = runMoments(runId, runEvents);

  const read = async (hash: string): Promise<PlanDocument> =>
    planDocument.parse(JSON.parse(new TextDecoder().decode(await readable.get(hash))));
  const plan = async ({ plan: accepted }: RunView): Promise<PlanDocument | null> => {
    if (accepted === null) return null;
    const known = plans.get(accepted.hash) ?? read(accepted.hash);
    plans.set(accepted.hash, known);
    return known;
  };

  const breathe = breathing();
  const began = decidesFrom(runEvents);
  const replayOne = async ({ taskId, attemptId }: Attempted): Promise<void> => {
    await breathe();
    // The category of the stream fixes its event types.
    const all = (await readUpTo(store, streamName('agent', attemptId), until)) as readonly (RecordedEvent &
      AgentEvent)[];
    const { own, past } = ownOf(all);
    // One for each attempt: what it remembers of requests goes with it.
    const calls = recordedCalls({ blobs: readable, clock: replayClock(), redact: (text) => text });
    await replayAgent({
      account,
      attempt: { runId, taskId, attemptId },
      events: own,
      past,
      began,
      seen: moments.of({ attemptId, taskId }),
      machineOf: (assignment) =>
        agentMachine({ assignment, calls, contents: kept, plan, ...(next ? { next } : {}) }),
    });
  };
  await eachOf(attemptsIn(runEvents), atOnce, replayOne);
  const merges = await readUpTo(store, streamName('merge', runId), until);
  replayMerges(account, runId, merges, runEvents, mergeDecider);
  return account.part(runId);
};

const attemptsIn = (events: readonly RecordedRunEvent[]) =>
  events.flatMap((event) => (event.type === 'task.scheduled' ? [event.data] : []));

interface Attempted {
  readonly taskId: string;
  readonly attemptId: string;
}

/** Each waits for its blobs; many at once wait together. */
const atOnce = 16;

const eachOf = async <One>(
  all: readonly One[],
  most: number,
  work: (one: One) => Promise<void>,
): Promise<void> => {
  const left = all.values();
  await Promise.all(
    Array.from({ length: most }, async () => {
      for (const one of left) await work(one);
    }),
  );
};
