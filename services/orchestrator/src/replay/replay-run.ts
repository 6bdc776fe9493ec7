import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { type Position, type RunEvent, streamName } from '@partitura/shared/events';
import { type Decider, decideFully } from '@partitura/shared/processing';
import {
  breathing,
  createAccount,
  ownOf,
  type RecordedRunEvent,
  type Refusal,
  type ReplayClock,
  type Replayed,
  type ReplayInput,
  type ReplayPart,
  readOnlyBlobs,
  replayClock,
} from '@partitura/shared/replaying';
import { PartituraError } from '@partitura/shared/runtime';
import type { RunCommand } from '../runs/commands.ts';
import { runDecider } from '../runs/decider.ts';
import type { RunState } from '../runs/state.ts';
import { batchesOf, type RecordedBatch } from './batches.ts';
import { type Causes, causesOf } from './causes.ts';
import { operatorCommand } from './operator-commands.ts';
import { type Reaction, reactionTo } from './reacting.ts';

export interface RunReplayDependencies {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly blobs: Pick<BlobStore, 'get' | 'has'>;
  /** Default: the one that decides live. */
  readonly decider?: Decider<RunState, RunCommand, RunEvent>;
}

/** What a command was derived from, and the command. */
interface Derived {
  readonly reaction: Reaction;
  readonly input: ReplayInput;
}

interface Replaying {
  readonly decider: Decider<RunState, RunCommand, RunEvent>;
  readonly blobs: BlobStore;
  readonly clock: ReplayClock;
  readonly causes: Causes;
  readonly store: Pick<EventStore, 'readStream'>;
  /** What the run inherited, where it was forked. */
  readonly past: readonly RecordedRunEvent[];
}

/**
 * Decides everything in a run's stream once more: each command is derived from what led to it, by the reactions that live code uses, and
 * decided on as of the recorded time, on what the decisions before it came to. Ends at the first that differs: what comes behind it was
 * decided in another run.
 */
export const replayRun = async (
  { store, blobs, decider = runDecider }: RunReplayDependencies,
  runId: string,
  events: readonly RecordedRunEvent[],
  until: Position,
): Promise<ReplayPart> => {
  const account = createAccount();
  const stream = account.open(streamName('run', runId), 'run');
  const { own, past } = ownOf(events);
  const causes = await causesOf(store, runId, events, until);
  const replaying: Replaying = {
    decider,
    blobs: readOnlyBlobs(blobs),
    clock: replayClock(),
    causes,
    store,
    past,
  };
  const breathe = breathing();
  let state = decider.initial();
  for (const batch of batchesOf(own)) {
    await breathe();
    const derived = await derive(batch, state, replaying);
    const decision = derived ? decide(batch, derived, state, replaying) : taken(batch, state, decider);
    state = decision.state;
    const on = () => derived?.input ?? unknown(batch);
    if (!stream.enter(batch.events, decision.replayed, on, decision.refusal)) break;
  }
  return account.part(runId);
};

const derive = async (
  { commandId, events }: RecordedBatch,
  state: RunState,
  { blobs, clock, causes, store }: Replaying,
): Promise<Derived | null> => {
  const [first] = events;
  const { causationId } = first.metadata;
  clock.set(first.time);
  if (causationId === null && commandId.includes('@')) return passed(first);
  const cause = commandId.endsWith('>') ? causes.find(commandId.slice(0, -1)) : undefined;
  if (!cause) return told(events);
  const plan = causes.planBefore(first.position);
  const reaction = await reactionTo(cause, { blobs, clock, run: () => state, plan, store });
  if (reaction === null) return null;
  const { stream, revision, position, type, data } = cause;
  return { reaction, input: { kind: 'event', stream, revision, position, type, data } };
};

const passed = ({ time }: RecordedRunEvent): Derived => ({
  reaction: { command: { kind: 'pass_time' } },
  input: {
    kind: 'time',
    stream: null,
    revision: null,
    position: null,
    type: 'pass_time',
    data: { at: time },
  },
});

const told = (events: RecordedBatch['events']): Derived | null => {
  const command = operatorCommand(events);
  if (command === null) return null;
  const [{ stream, revision, position, metadata }] = events;
  const { kind, ...rest } = command;
  const data = { ...rest, actor: metadata.actor };
  return { reaction: { command }, input: { kind: 'operator', stream, revision, position, type: kind, data } };
};

const unknown = ({ commandId, events: [{ stream, revision, position }] }: RecordedBatch): ReplayInput => ({
  kind: 'operator',
  stream,
  revision,
  position,
  type: 'unknown',
  data: { commandId },
});

interface Decision {
  readonly state: RunState;
  readonly replayed: readonly Replayed[];
  readonly refusal: Refusal | null;
}

const decisions = (events: readonly RunEvent[]): readonly Replayed[] =>
  events.map((event) => ({ event, origin: 'decision' as const }));

const decide = (
  { events: [first] }: RecordedBatch,
  { reaction }: Derived,
  before: RunState,
  { decider, past }: Replaying,
): Decision => {
  if ('begins' in reaction) return forked(first, reaction.begins, past, decider);
  try {
    const timed: RunCommand = { ...reaction.command, at: Date.parse(first.time) };
    const { events, state } = decideFully(decider, timed, before, first.metadata);
    return { state, replayed: decisions(events), refusal: null };
  } catch (error) {
    if (!(error instanceof PartituraError)) throw error;
    return { state: before, replayed: [], refusal: { code: error.code, message: error.message } };
  }
};

/** A fork's past stands behind its first event. */
const forked = (
  { metadata }: RecordedRunEvent,
  [created, ...others]: readonly RunEvent[],
  past: readonly RecordedRunEvent[],
  decider: Replaying['decider'],
): Decision => {
  const began = created ? decider.evolve(decider.initial(), created, metadata) : decider.initial();
  const inherited = past.reduce<RunState>(
    (state, event) => decider.evolve(state, event, event.metadata),
    began,
  );
  const state = others.reduce<RunState>((now, event) => decider.evolve(now, event, metadata), inherited);
  return { state, replayed: decisions(created ? [created, ...others] : []), refusal: null };
};

/** Nobody can tell what it was decided on: it is believed. */
const taken = ({ events }: RecordedBatch, before: RunState, decider: Replaying['decider']): Decision => ({
  state: events.reduce<RunState>((state, event) => decider.evolve(state, event, event.metadata), before),
  replayed: events.map((event) => ({ event, origin: 'taken' as const })),
  refusal: null,
});
