import type { MergeEvent, RecordedEvent } from '@partitura/shared/events';
import { streamName } from '@partitura/shared/events';
import { type Decider, decideFully } from '@partitura/shared/processing';
import {
  type Account,
  ownOf,
  type RecordedRunEvent,
  type Replayed,
  type ReplayInput,
} from '@partitura/shared/replaying';
import { type MergeCommand, type MergeQueue, mergeQueueDecider } from '../merging/queue.ts';

type RecordedMergeEvent = MergeEvent extends infer One
  ? One extends MergeEvent
    ? RecordedEvent<One>
    : never
  : never;
export type MergeDecider = Decider<MergeQueue, MergeCommand, MergeEvent>;

/** `merge:<claim>:complete/0`, with the attempt in the claim's place where nobody had one. */
const claimIn = ({ id, data }: RecordedMergeEvent): string | null => {
  const named = id.split(':')[1] ?? '';
  return 'attemptId' in data && named === data.attemptId ? null : named;
};

/** What was told to the queue: who had which turn, and what git and the checks had to say. */
const commandOf = (
  event: RecordedMergeEvent,
  causes: ReadonlyMap<string, RecordedRunEvent>,
): MergeCommand => {
  switch (event.type) {
    case 'merge.queued': {
      const cause = causes.get(event.metadata.causationId ?? '');
      const said = cause?.type === 'task.submitted' ? cause.data : event.data;
      const { taskId, attemptId, branch, commit } = said;
      return { kind: 'queue', submission: { taskId, attemptId, branch, commit } };
    }
    case 'merge.started':
      return { kind: 'start', ...event.data };
    case 'merge.interrupted':
      return { kind: 'interrupt', ...event.data };
    case 'merge.rechecked':
      return { kind: 'recheck', result: event.data };
    case 'merge.completed': {
      const { attemptId, commit, checks, checkedBy } = event.data;
      return {
        kind: 'complete',
        attemptId,
        claim: claimIn(event),
        commit,
        checks,
        checkedBy: checkedBy ?? 'merge',
      };
    }
    case 'merge.conflicted':
      return {
        kind: 'conflict',
        attemptId: event.data.attemptId,
        claim: claimIn(event),
        files: event.data.files,
      };
    case 'merge.rejected': {
      const { attemptId, checks, problem } = event.data;
      return { kind: 'reject', attemptId, claim: claimIn(event), checks, problem };
    }
  }
};

/** Older events do not say what newer ones do beside. */
const without = (event: MergeEvent, recorded: MergeEvent): MergeEvent => {
  if (event.type !== 'merge.completed' || recorded.type !== 'merge.completed') return event;
  if (recorded.data.checkedBy !== undefined) return event;
  const { checkedBy: _, ...data } = event.data;
  return { type: 'merge.completed', data };
};

/** Decides once more who was queued, whose turn it was and what ended it, on what git and the checks said. */
export const replayMerges = (
  account: Account,
  runId: string,
  recorded: readonly RecordedEvent[],
  runEvents: readonly RecordedRunEvent[],
  decider: MergeDecider = mergeQueueDecider,
): void => {
  const { own, past } = ownOf(recorded);
  if (own.length === 0) return;
  const stream = account.open(streamName('merge', runId), 'merge');
  const causes = new Map(runEvents.map((event) => [event.id, event]));
  // The category of the stream fixes its event types.
  let state = (past as readonly RecordedMergeEvent[]).reduce(
    (folded, event) => decider.evolve(folded, event, event.metadata),
    decider.initial(),
  );
  for (const event of own as readonly RecordedMergeEvent[]) {
    const decision = decideFully(decider, commandOf(event, causes), state, event.metadata);
    const replayed = decision.events.map(
      (one): Replayed => ({ event: without(one, event), origin: 'decision' }),
    );
    if (!stream.enter([event], replayed, () => inputOf(event, causes))) return;
    state = decision.state;
  }
};

const inputOf = (event: RecordedMergeEvent, causes: ReadonlyMap<string, RecordedRunEvent>): ReplayInput => {
  const cause = causes.get(event.metadata.causationId ?? '');
  const { stream, revision, position, type, data } = cause ?? event;
  return { kind: cause ? 'event' : 'effect', stream, revision, position, type, data };
};
