import type { RecordedEvent } from '@partitura/shared/events';
import { agentReactions } from './agent-reactions.ts';
import { planReactions } from './plan-reactions.ts';
import type { Happened, ReactionDependencies, Reactions } from './reaction.ts';
import { runReactions } from './run-reactions.ts';

type ReactedType = keyof typeof runReactions | keyof typeof planReactions | keyof typeof agentReactions;

const reactions: Reactions<ReactedType> = { ...runReactions, ...planReactions, ...agentReactions };

export const reactedTypes = Object.keys(reactions) as readonly ReactedType[];
export const reactedCategories = ['project', 'run', 'plan', 'agent', 'merge'] as const;

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

/**
 * Reacts to a batch. Commands on one run are handed over in the events' order and in one turn, so that they are decided on
 * together and cost one append.
 */
export const createReactor =
  (dependencies: ReactionDependencies) =>
  async (events: readonly RecordedEvent[]): Promise<void> => {
    await Promise.all(events.filter(isReacted).map((event) => react(event, dependencies)));
  };
