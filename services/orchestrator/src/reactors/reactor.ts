import { parseStreamName, type RecordedEvent } from '@partitura/shared/events';
import { forkReactions } from '../forks/fork-reactions.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import { agentReactions } from './agent-reactions.ts';
import { offerAttempts } from './attempt-offers.ts';
import { knowledgeReactions } from './knowledge-reactions.ts';
import { planReactions } from './plan-reactions.ts';
import type { Happened, ReactionDependencies, Reactions } from './reaction.ts';
import { runReactions } from './run-reactions.ts';

type ReactedType =
  | keyof typeof runReactions
  | keyof typeof planReactions
  | keyof typeof agentReactions
  | keyof typeof knowledgeReactions
  | keyof typeof forkReactions;

const reactions: Reactions<ReactedType> = {
  ...runReactions,
  ...planReactions,
  ...agentReactions,
  ...knowledgeReactions,
  ...forkReactions,
};

export const reactedTypes = Object.keys(reactions) as readonly ReactedType[];
export const reactedCategories = ['project', 'run', 'plan', 'agent', 'merge', 'knowledge'] as const;

type Reacted<Type extends ReactedType> = { [One in Type]: { readonly type: One } & Happened<One> }[Type];

const isReacted = (event: RecordedEvent): event is Reacted<ReactedType> =>
  Object.hasOwn(reactions, event.type);

const react = <Type extends ReactedType>(
  event: Reacted<Type>,
  dependencies: ReactionDependencies,
): Promise<unknown> => {
  const reaction: Reactions<ReactedType>[Type] = reactions[event.type];
  return reaction(event, dependencies);
};

/** What a run's project has to hear of, and what may open a run again, however late; all else is of no interest to a run that is over. */
const toldToTheProject: ReadonlySet<string> = new Set<ReactedType>([
  // Asked for by somebody who looks at a run that may be over.
  'merge.rechecked',
  'knowledge.node_retracted',
  'phase.entered',
  'budget.settled',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.stopped',
]);

const runIdOf = (event: Reacted<ReactedType>): string => {
  if (event.type === 'project.run_requested') return event.data.runId;
  return parseStreamName(event.stream).id.split('.')[0] ?? '';
};

/** Without what comes too late. Runs in memory are not over, and where all are nothing has to be waited for. */
const inTime = async (
  events: readonly Reacted<ReactedType>[],
  runs: RunHandler,
): Promise<readonly Reacted<ReactedType>[]> => {
  const questionable = events.filter((event) => !toldToTheProject.has(event.type));
  const unknown = new Set(questionable.map(runIdOf).filter((runId) => !runs.knows(runId)));
  if (unknown.size === 0) return events;
  const over = new Set<string>();
  for (const runId of unknown) if (await runs.findOver(runId)) over.add(runId);
  return events.filter((event) => toldToTheProject.has(event.type) || !over.has(runIdOf(event)));
};

const isScheduled = (event: Reacted<ReactedType>): event is Happened<'task.scheduled'> =>
  event.type === 'task.scheduled';

/** Reports of agents and merges are one command each, whose order is that of the calls. Other reactions look first, or read. */
const isOneCommand = ({ type }: Reacted<ReactedType>): boolean => Object.hasOwn(agentReactions, type);

/**
 * Reacts to a batch. Commands on one run are handed over in the events' order and in one turn, so that they are decided on
 * together and cost one append. Where a reaction takes several steps, the next of its stream waits for it: the end of a
 * planning must not be decided on before the plan that is still being fetched.
 */
export const createReactor =
  (dependencies: ReactionDependencies) =>
  async (events: readonly RecordedEvent[]): Promise<void> => {
    const under = new Map<string, Promise<unknown>>();
    const after = (stream: string, work: () => Promise<unknown>): void => {
      const before = under.get(stream);
      under.set(stream, before === undefined ? work() : before.then(work));
    };
    const reported: Promise<unknown>[] = [];
    const toDo = await inTime(events.filter(isReacted), dependencies.runs);
    for (const event of toDo) {
      if (isOneCommand(event)) reported.push(react(event, dependencies));
      else if (!isScheduled(event)) after(event.stream, () => react(event, dependencies));
    }
    for (const [stream, scheduled] of Map.groupBy(toDo.filter(isScheduled), (event) => event.stream))
      reported.push(offerAttempts(parseStreamName(stream).id, scheduled, dependencies));
    await allOf([...under.values(), ...reported]);
  };

/** Waits for all, so that what is tried again does not meet what still goes on. @throws the first error there was */
const allOf = async (work: readonly Promise<unknown>[]): Promise<void> => {
  const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};
