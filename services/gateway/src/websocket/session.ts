import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import { operations } from '@partitura/shared/http';
import { type Clock, type Logger, PartituraError } from '@partitura/shared/runtime';
import type { Performing } from '../commands/performing.ts';
import { concernOf } from '../events/following.ts';
import type { LiveEvents } from '../events/live-events.ts';
import type { Demanded } from '../identity/access.ts';
import { admission } from '../identity/admission.ts';
import { followingEvents, type Need, needOf } from '../identity/authorize.ts';
import type { Caller } from '../identity/caller.ts';
import { stayingCaller } from '../identity/staying-caller.ts';
import { problemOf } from '../problem.ts';
import { requirePosition } from '../routes/positions.ts';
import { operationOf } from './commands.ts';
import type { Connection } from './connection.ts';
import { type ClientMessage, type Command, eventText, type Join, parseMessage } from './messages.ts';
import { type Topic, topicOf } from './topics.ts';

export interface SessionOptions {
  readonly connection: Connection;
  readonly store: EventStore;
  readonly live: LiveEvents;
  readonly performing: Performing;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the request that became the connection. */
  readonly requestId: string;
  /** Asked with every message: keys are revoked while connections stay. */
  readonly callerNow: () => Promise<Caller>;
  /** Counts a message as REST counts a request. @throws {PartituraError} `RATE_LIMITED`, and as `callerNow` */
  readonly count: () => Promise<void>;
  readonly demand: (caller: Caller, need: Need, about: Demanded) => Promise<void>;
}

/** More than one screen shows. */
const mostTopics = 50;

/** Takes what a client says, one message after the other. */
export const openSession = (options: SessionOptions): ((text: string) => Promise<void>) => {
  const { connection, store, live, performing, clock, logger, requestId, callerNow, count, demand } = options;
  const admit = admission(count, (reason) => connection.close('too_many_messages', reason));
  const topics = new Map<string, AbortController>();

  const allowed = async (need: Need, operation: string, target: string): Promise<Caller> => {
    const caller = await callerNow();
    await demand(caller, need, { operation, target, correlationId: requestId });
    return caller;
  };

  const follow = async (name: string, topic: Topic, after: Position, leaving: AbortSignal): Promise<void> => {
    const signal = AbortSignal.any([connection.signal, leaving]);
    const { following } = topic;
    const concerns = concernOf(following);
    const listener = stayingCaller(clock, callerNow);
    try {
      for await (const events of live.follow({ after, following, signal })) {
        const caller = await listener();
        const told = events.filter((event) => concerns(caller, event));
        const texts = told.map((event) => eventText(name, event.position, live.text(event)));
        await connection.sendTexts(texts, signal);
      }
    } catch (error) {
      if (!signal.aborted) end(error);
    }
  };

  /** Of a feed that broke off, or a key that is good no more. */
  const end = (error: unknown): void => {
    const { status, detail } = problemOf(error, requestId);
    if (status < 500) {
      connection.close('not_allowed', detail);
      return;
    }
    logger.error({ error, requestId }, 'a feed of events ended with an error');
    connection.close('error', 'The feed broke off. Connect again and join after the last position.');
  };

  const join = async ({ topic: name, after, types }: Join): Promise<void> => {
    const topic = topicOf(name, types);
    if (topics.size >= mostTopics && !topics.has(name))
      throw new PartituraError('TOO_MANY_TOPICS', `A connection has ${mostTopics} topics at the most.`);
    await allowed(followingEvents, 'followEvents', name);
    const position = after === undefined ? await store.head() : await requirePosition(store, after);
    // Also for who has the state already: what is not there for them is not followed.
    const { operation, input } = after === undefined ? topic.stateAt(position) : topic.presence;
    const caller = await allowed(needOf(operations[operation]), operation, name);
    const found = await performing.read(operation, input, { caller, correlationId: requestId });
    topics.get(name)?.abort();
    const leaving = new AbortController();
    topics.set(name, leaving);
    await connection.send({
      type: 'joined',
      topic: name,
      position,
      state: after === undefined ? found : null,
    });
    void follow(name, topic, position, leaving.signal);
  };

  const command = async (given: Command): Promise<void> => {
    const { name, input } = operationOf(given);
    const caller = await allowed(needOf(operations[name]), name, given.target);
    const asking = { caller, correlationId: requestId, idempotencyKey: given.id };
    const { body } = await performing.command(name, input, asking);
    await connection.send({ type: 'acknowledged', id: given.id, result: body });
  };

  const take = async (message: ClientMessage): Promise<void> => {
    if (message.type === 'join') return join(message);
    if (message.type === 'command') return command(message);
    await callerNow();
    if (message.type === 'ping') return connection.send({ type: 'pong' });
    topics.get(message.topic)?.abort();
    topics.delete(message.topic);
    await connection.send({ type: 'left', topic: message.topic });
  };

  /** In the words of what was asked. */
  const refuse = (message: ClientMessage | null, error: unknown): Promise<void> => {
    const problem = problemOf(error, requestId);
    if (problem.status >= 500) logger.error({ error, requestId }, 'a message failed');
    if (message?.type === 'command') return connection.send({ type: 'refused', id: message.id, problem });
    const about = message?.type === 'join' ? { topic: message.topic } : {};
    return connection.send({ type: 'error', ...about, problem });
  };

  return async (text) => {
    let message: ClientMessage | null = null;
    try {
      message = parseMessage(text);
      if (message.type === 'join' || message.type === 'command') await admit();
      await take(message);
    } catch (error) {
      // What cannot be read is counted too.
      const told =
        message === null
          ? await admit().then(
              () => error,
              (limited: unknown) => limited,
            )
          : error;
      await refuse(message, told);
    }
  };
};
