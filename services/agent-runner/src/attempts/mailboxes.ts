import {
  type AgentEvent,
  agentEvents,
  asRunId,
  beginning,
  type Position,
  type RecordedEvent,
} from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import type { AgentState } from '../agents/state.ts';
import { type Following, type FollowingDependencies, following } from '../runs/following.ts';
import { inheritedMessages, sentType } from './inherited-messages.ts';

/** Whom a message can be meant for. */
export interface Recipient {
  readonly attemptId: string;
  readonly taskId: string;
  readonly runId: string;
  readonly agentType: string;
}

/**
 * Messages between the agents of a run, whichever runners they are at work in. They travel through the log: the sender's stream
 * says `agent.message_sent`, every runner follows that, and who it reaches records `agent.message_received`. The sent event's id
 * is the message's, so that one that comes twice is received once. `to` is an attempt, a task or its key, an agent type, or `all`.
 */
export interface Mailboxes extends Following {
  open(recipient: Recipient): Mailbox;
}

export interface Mailbox {
  /**
   * Fetches what was sent since the position, before this box was open: to an agent that was killed, is being taken over, or goes on
   * in a fork.
   */
  catchUp(since: Position): Promise<void>;
  /** A message of its own, to be recorded as sent: that is what sends it. */
  send(to: string, text: string): void;
  /** Something that the runner has to tell the agent. */
  tell(text: string, messageId: string): void;
  /** What is to be recorded now. */
  take(state: AgentState): readonly AgentEvent[];
  close(): void;
}

interface Arrived {
  readonly position: Position;
  readonly messageId: string;
  readonly from: string;
  readonly text: string;
}

interface Box {
  readonly recipient: Recipient;
  readonly sent: AgentEvent[];
  /** By message, until they are recorded as received. */
  readonly arrived: Map<string, Arrived>;
}

interface Waiting {
  readonly box: Box;
  readonly since: Position;
  readonly done: PromiseWithResolvers<void>;
}

const nothing: readonly AgentEvent[] = [];

export const mailboxes = (dependencies: FollowingDependencies): Mailboxes => {
  const { store } = dependencies;
  const boxes = new Set<Box>();
  /** Of each run, those who have to be caught up with: a reading of the log is for all that wait when it begins. */
  const late = new Map<string, Waiting[]>();

  const deliver = (event: RecordedEvent): null => {
    for (const box of boxes) if (box.recipient.runId === event.metadata.runId) put(box, event);
    return null;
  };

  const readFor = async (runId: string, waiting: readonly Waiting[]): Promise<void> => {
    const inherited = await inheritedMessages(store, runId);
    for (const { box, since } of waiting) putAll(box, since, inherited);
    const after = waiting.map(({ since }) => since).reduce((first, one) => (one < first ? one : first));
    const filter = { categories: ['agent'] as const, types: [sentType], runId: asRunId(runId) };
    for await (const { events } of store.readAll({ after, filter })) {
      for (const { box, since } of waiting) putAll(box, since, events);
    }
  };

  const answer = async (runId: string, waiting: readonly Waiting[]): Promise<void> => {
    try {
      await readFor(runId, waiting);
      for (const { done } of waiting) done.resolve();
    } catch (error) {
      for (const { done } of waiting) done.reject(error);
    }
  };

  /** One reading after the other for each run, until nobody waits. */
  const serve = async (runId: string): Promise<void> => {
    for (let waiting = late.get(runId) ?? []; waiting.length > 0; waiting = late.get(runId) ?? []) {
      late.set(runId, []);
      await answer(runId, waiting);
    }
    late.delete(runId);
  };

  const catchUp = (box: Box, since: Position): Promise<void> => {
    const { runId } = box.recipient;
    const done = Promise.withResolvers<void>();
    const others = late.get(runId);
    if (others) others.push({ box, since, done });
    else {
      late.set(runId, [{ box, since, done }]);
      // In a microtask: whoever is taken up in the same turn comes along.
      queueMicrotask(() => void serve(runId));
    }
    return done.promise;
  };

  return {
    ...following(dependencies, {
      name: 'agent-runner.messages',
      filter: { categories: ['agent'], types: [sentType] },
      take: deliver,
    }),
    open: (recipient) => {
      const box: Box = { recipient, sent: [], arrived: new Map() };
      boxes.add(box);
      return {
        catchUp: (since) => catchUp(box, since),
        send: (to, text) => {
          box.sent.push({ type: sentType, data: { to, text } });
        },
        tell: (text, messageId) => {
          box.arrived.set(messageId, { position: beginning, messageId, from: 'partitura', text });
        },
        take: (state) => takeFrom(box, state),
        close: () => {
          boxes.delete(box);
        },
      };
    },
  };
};

const reaches = ({ attemptId, taskId, agentType }: Recipient, to: string, from: string): boolean => {
  if (attemptId === from) return false;
  return to === 'all' || to === attemptId || to === taskId || taskId.endsWith(`.${to}`) || to === agentType;
};

/** One that was inherited keeps the id that whoever received it before the fork has noted. */
const put = (box: Box, event: RecordedEvent): void => {
  const { stream, position, data } = event;
  const { to, text } = agentEvents[sentType].schema.parse(data);
  const from = stream.slice('agent-'.length);
  const messageId = (isInherited(event) ? event.recorded : event).id;
  if (reaches(box.recipient, to, from)) box.arrived.set(messageId, { position, messageId, from, text });
};

const putAll = (box: Box, since: Position, events: readonly RecordedEvent[]): void => {
  for (const event of events) if (event.position > since) put(box, event);
};

/** In the order of the log: what was caught up with and what came live may be mixed up. */
const takeFrom = (box: Box, state: AgentState): readonly AgentEvent[] => {
  if (box.sent.length === 0 && box.arrived.size === 0) return nothing;
  const sent = box.sent.splice(0);
  const arrived = [...box.arrived.values()].filter(({ messageId }) => !state.received.includes(messageId));
  box.arrived.clear();
  arrived.sort((left, right) => (left.position < right.position ? -1 : 1));
  return [
    ...sent,
    ...arrived.map(
      ({ from, text, messageId }): AgentEvent => ({
        type: 'agent.message_received',
        data: { from, text, messageId },
      }),
    ),
  ];
};
