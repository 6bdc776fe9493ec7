import type { AgentEvent } from '@partitura/shared/events';
import type { AgentState, Message } from '../agents/state.ts';

/** Whom a message can be meant for. */
export interface Recipient {
  readonly attemptId: string;
  readonly taskId: string;
  readonly runId: string;
  readonly agentType: string;
}

/**
 * Messages to agents at work in this process, until they are in the agents' own streams. `to` is an attempt, a task or its
 * key, an agent type, or `all`, always within one run.
 */
export interface Mailboxes {
  open(recipient: Recipient): Mailbox;
  /** How many it reaches. */
  send(runId: string, to: string, message: Message): number;
}

export interface Mailbox {
  /** A message of its own, to be recorded as sent. */
  sent(to: string, text: string): void;
  /** What is to be recorded now. */
  take(state: AgentState): readonly AgentEvent[];
  close(): void;
}

interface Open {
  readonly recipient: Recipient;
  facts: AgentEvent[];
}

const nothing: readonly AgentEvent[] = [];

export const mailboxes = (): Mailboxes => {
  const open = new Map<string, Open>();
  const reaches = ({ attemptId, taskId, agentType }: Recipient, to: string, from: string): boolean => {
    if (to === 'all') return attemptId !== from;
    return to === attemptId || to === taskId || taskId.endsWith(`.${to}`) || to === agentType;
  };
  return {
    open: (recipient) => {
      const box: Open = { recipient, facts: [] };
      open.set(recipient.attemptId, box);
      return {
        sent: (to, text) => {
          box.facts.push({ type: 'agent.message_sent', data: { to, text } });
        },
        take: (state) => {
          if (box.facts.length === 0) return nothing;
          const { facts } = box;
          box.facts = [];
          return facts.filter(
            (fact) => fact.type !== 'agent.message_received' || !state.received.includes(fact.data.messageId),
          );
        },
        close: () => {
          if (open.get(recipient.attemptId) === box) open.delete(recipient.attemptId);
        },
      };
    },
    send: (runId, to, message) => {
      const reached = [...open.values()].filter(
        ({ recipient }) => recipient.runId === runId && reaches(recipient, to, message.from),
      );
      for (const box of reached) {
        box.facts.push({
          type: 'agent.message_received',
          data: { from: message.from, text: message.text, messageId: message.messageId },
        });
      }
      return reached.length;
    },
  };
};
