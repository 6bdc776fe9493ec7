import type { AgentEvent } from '@partitura/shared/events';
import type { AgentState } from '../agents/state.ts';
import type { RunView } from '../runs/run-view.ts';

/**
 * What operators said to the agent of an attempt and it has not read, as facts of its stream. The run's view has all of it, from
 * before the attempt was claimed and from before its runner was replaced: nothing has to be caught up with.
 */
export const toldBy = (
  { told }: Pick<RunView, 'told'>,
  attemptId: string,
  state: AgentState,
): readonly AgentEvent[] =>
  (told.get(attemptId) ?? [])
    .filter(({ messageId }) => !state.received.includes(messageId))
    .map(
      ({ messageId, from, text, interrupts }): AgentEvent =>
        interrupts
          ? { type: 'agent.interrupted', data: { messageId, from, reason: text } }
          : { type: 'agent.message_received', data: { messageId, from, text } },
    );

/** The interruptions of an attempt, by their ids. */
export const interruptionsOf = ({ told }: Pick<RunView, 'told'>, attemptId: string): readonly string[] =>
  (told.get(attemptId) ?? []).filter(({ interrupts }) => interrupts).map(({ messageId }) => messageId);
