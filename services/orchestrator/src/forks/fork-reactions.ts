import { type RecordedEvent, type StreamName, streamName } from '@partitura/shared/events';
import { originIn, pastOf } from '@partitura/shared/forking';
import { agentReactions } from '../reactors/agent-reactions.ts';
import { enqueueOutstanding } from '../reactors/outstanding.ts';
import { planReactions } from '../reactors/plan-reactions.ts';
import type { Happened, ReactionDependencies, Reactions } from '../reactors/reaction.ts';
import type { Run } from '../runs/state.ts';

const inherited: Reactions<keyof typeof planReactions | keyof typeof agentReactions> = {
  ...planReactions,
  ...agentReactions,
};
type HeardType = keyof typeof planReactions | keyof typeof agentReactions;
type Heard<Type extends HeardType> = { [One in Type]: { readonly type: One } & Happened<One> }[Type];

const isHeard = (event: RecordedEvent): event is Heard<HeardType> => Object.hasOwn(inherited, event.type);

const hear = <Type extends HeardType>(
  event: Heard<Type>,
  dependencies: ReactionDependencies,
): Promise<unknown> => {
  const reaction: Reactions<HeardType>[Type] = inherited[event.type];
  return reaction(event, dependencies);
};

/** Streams in which something may stand that the run has not heard of: it had happened, and was told to the parent later. */
const unheard = (run: Run): readonly StreamName[] => [
  streamName('plan', run.id),
  ...[...run.tasks.values()].flatMap(({ status }) =>
    status.kind === 'active' || status.kind === 'in_review' ? [streamName('agent', status.attempt.id)] : [],
  ),
  streamName('merge', run.id),
];

/**
 * A fork that begins hears of what planner, agents and merges had said: nobody else delivers that again, and what the run had heard of
 * decides nothing twice. Then what it waits for is put on the queue.
 */
export const forkReactions: Reactions<'run.forked'> = {
  'run.forked': async (event, dependencies) => {
    const { runs, store, queue } = dependencies;
    const runId = event.stream.slice('run-'.length);
    const { state: run } = await runs.read(runId, { atLeast: event.revision });
    if (run === null) return;
    const origin = originIn(event);
    for (const stream of unheard(run))
      for await (const page of pastOf(store, stream, origin))
        for (const said of page) if (isHeard(said)) await hear(said, dependencies);
    const { state: now } = await runs.read(runId);
    if (now !== null) await enqueueOutstanding(queue, now);
  },
};
