import type { EventStore } from '@partitura/shared/event-store';
import {
  asPosition,
  asRunId,
  type Position,
  parseStreamName,
  type RecordedEvent,
} from '@partitura/shared/events';
import { agentLine } from '@partitura/shared/http';
import type { Clock, Logger } from '@partitura/shared/runtime';
import { type KeyRing, openedStore } from '@partitura/shared/subject-keys';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { knownError, statusOf } from '../errors.ts';
import { type Caller, readingFor } from '../identity/caller.ts';
import { type Reads, readBy } from '../identity/reads.ts';
import { stayingCaller } from '../identity/staying-caller.ts';
import type { OperationCaller } from '../operation-caller.ts';
import { requirePosition } from '../routes/positions.ts';
import { type Channel, openChannel } from './channel.ts';
import { concernOf, pull } from './following.ts';
import type { LiveEvents } from './live-events.ts';

/** What a model says while it says it: nothing that is kept, only for who looks on. */
export interface LiveText {
  /** @returns a function that ends it */
  listen(agentId: string, onText: (text: string) => void): () => void;
}

export interface EventRoutes {
  readonly store: EventStore;
  readonly live: LiveEvents;
  readonly caller: OperationCaller;
  readonly callerOf: (request: FastifyRequest) => Caller;
  readonly callerNow: (request: FastifyRequest) => Promise<Caller>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  readonly liveText?: LiveText;
  /** Who follows what is on record. */
  readonly reads: Reads;
  /** By whose keys events are opened on their way out. */
  readonly subjects: KeyRing;
  readonly heartbeatMs: number;
  readonly slowClientMs: number;
}

const resume = { after: z.string().max(200).optional() };
const eventsQuery = z.strictObject({
  ...resume,
  projectId: z.string().optional(),
  runId: z.string().optional(),
  taskId: z.string().optional(),
  agentId: z.string().optional(),
  /** Several are separated by commas. */
  type: z.string().optional(),
});
const logsQuery = z.strictObject({ ...resume, follow: z.enum(['true', 'false']).default('true') });
const agentParams = z.strictObject({ id: z.string().min(1).max(200) });

/** The log as it grows, straight from the store. */
export const registerEvents = (app: FastifyInstance, routes: EventRoutes): void => {
  const { store, subjects, live } = routes;
  const opened = openedStore(store, subjects);

  app.route({
    method: 'GET',
    url: '/events',
    exposeHeadRoute: false,
    schema: {
      operationId: 'followEvents',
      summary: 'Events as they are recorded (server-sent; resume with Last-Event-ID or ?after=).',
      tags: ['events'],
      querystring: eventsQuery,
    },
    handler: async (request, reply) => {
      const query = eventsQuery.parse(request.query);
      const after = (await whereFrom(store, request, query.after)) ?? (await store.head());
      const target = request.url.split('?', 1)[0] ?? '';
      const noted = { operation: 'followEvents', target, correlationId: request.id };
      routes.reads.note(readBy(routes.callerOf(request), noted));
      const channel = open(routes, request, reply);
      // With an id from the first moment on, a connection that breaks before the first event misses nothing.
      await channel.send({ id: after, event: 'open', data: { position: after } });
      const following = { ...query, types: query.type?.split(',') };
      const listener = stayingCaller(routes.clock, () => routes.callerNow(request));
      const concerns = concernOf(following);
      const { signal } = channel;
      await telling(routes, channel, async () => {
        for await (const events of live.follow({ after, following, signal })) {
          const caller = await listener();
          await channel.sendAll(events.filter((event) => concerns(caller, event)).map(live.sent));
        }
      });
    },
  });

  app.route({
    method: 'GET',
    url: '/agents/:id/logs',
    exposeHeadRoute: false,
    schema: {
      operationId: 'followAgentLogs',
      summary: 'What an agent does, in lines (server-sent), and what its model says, as it comes.',
      tags: ['agents'],
      params: agentParams,
      querystring: logsQuery,
    },
    handler: async (request, reply) => {
      const { id } = agentParams.parse(request.params);
      const { after, follow } = logsQuery.parse(request.query);
      const caller = routes.callerOf(request);
      // Whose agent it is, is whose all of its stream is.
      const context = readingFor(caller, request.id);
      const agent = await routes.caller.call('getAgent', { params: { id }, query: {}, body: null }, context);
      const start = (await whereFrom(store, request, after)) ?? asPosition('');
      const channel = open(routes, request, reply);
      const deaf = routes.liveText?.listen(
        id,
        (text) => void channel.send({ event: 'text', data: { text } }),
      );
      channel.signal.addEventListener('abort', () => deaf?.(), { once: true });
      const runId = typeof agent === 'object' && agent ? String(Reflect.get(agent, 'runId')) : '';
      const filter = { categories: ['agent'] as const, runId: asRunId(runId) };
      const pages =
        follow === 'true'
          ? opened.subscribe({ after: start, filter, signal: channel.signal })
          : opened.readAll({ after: start, filter });
      const listener = stayingCaller(routes.clock, () => routes.callerNow(request));
      await telling(routes, channel, () =>
        pull(pages, channel.signal, async (event) => {
          await listener();
          return sendLine(channel, id, event);
        }),
      );
      channel.close('end', 'The agent is done.');
    },
  });
};

/** @returns false after the agent's last line */
const sendLine = async (channel: Channel, agentId: string, event: RecordedEvent): Promise<boolean> => {
  if (parseStreamName(event.stream).id !== agentId) return true;
  const line = agentLine(event);
  const { position, time, type } = event;
  if (line !== null)
    await channel.send({ id: position, event: 'line', data: { position, time, type, line } });
  return type !== 'agent.finished';
};

const open = (routes: EventRoutes, request: FastifyRequest, reply: FastifyReply): Channel =>
  openChannel(request, reply, {
    clock: routes.clock,
    stopping: routes.stopping,
    heartbeatMs: routes.heartbeatMs,
    slowMs: routes.slowClientMs,
    onSlow: () =>
      routes.logger.warn({ requestId: request.id }, 'a client took its events too slowly and was dropped'),
  });

/**
 * The header first: it is what a browser sends when it comes again, with the URL it came with at first.
 * @throws {PartituraError} `INVALID_POSITION`
 */
const whereFrom = async (
  store: EventStore,
  request: FastifyRequest,
  after: string | undefined,
): Promise<Position | undefined> => {
  const header = request.headers['last-event-id'];
  const given = typeof header === 'string' ? header : after;
  if (given === undefined) return undefined;
  // Asked before the answer begins, where a refusal can still be said with a status.
  return requirePosition(store, given);
};

/** Ends the channel with a reason when what is told to it breaks off. */
const telling = async (
  { logger }: EventRoutes,
  channel: Channel,
  tell: () => Promise<void>,
): Promise<void> => {
  try {
    await tell();
  } catch (error) {
    if (channel.signal.aborted) return;
    const refusal = knownError(error);
    if (refusal && statusOf(refusal.code) < 500) {
      channel.close('not_allowed', refusal.message);
      return;
    }
    logger.error({ error }, 'a feed of events ended with an error');
    channel.close('error', 'The feed broke off. Connect again with Last-Event-ID.');
  }
};
