import type { EventStore } from '@partitura/shared/event-store';
import { type Operation, type OperationName, operations } from '@partitura/shared/http';
import { type Logger, PartituraError } from '@partitura/shared/runtime';
import { z } from 'zod';
import type { Performing } from '../commands/performing.ts';
import type { LiveEvents } from '../events/live-events.ts';
import type { Access } from '../identity/access.ts';
import { type Need, needOf } from '../identity/authorize.ts';
import type { Caller } from '../identity/caller.ts';
import { refusalOf } from './errors.ts';

/** With what a field is resolved. */
export interface GraphContext {
  readonly graph: Graph;
}

/** The operations, on behalf of whoever asks. */
export interface Graph {
  readonly store: EventStore;
  readonly live: LiveEvents;
  /** Aborts when whoever asked is gone. */
  readonly signal: AbortSignal;
  /** Who asks may do it; is asked again while a subscription lasts. @throws {PartituraError} */
  allowed(need: Need, operation: string, target: string): Promise<Caller>;
  /**
   * Any operation of the table, with the arguments of a field. What they are not, its schemas say.
   * @throws {PartituraError} as over REST
   */
  perform(name: OperationName, given: Arguments): Promise<unknown>;
  /** An error as subscribers are told of it. */
  refusal(error: unknown): Error;
  /** Resolves when a client that listens has taken what it was sent. */
  room(): Promise<void>;
}

export type Arguments = Readonly<Record<string, unknown>>;

export interface GraphOptions extends Pick<Access, 'demand'> {
  readonly performing: Performing;
  readonly store: EventStore;
  readonly live: LiveEvents;
  readonly caller: () => Promise<Caller>;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly room: () => Promise<void>;
  readonly logger: Logger;
}

export const graphOf = (options: GraphOptions): Graph => {
  const { performing, store, live, caller, demand, requestId: correlationId, signal, room } = options;

  const allowed: Graph['allowed'] = async (need, operation, target) => {
    const asking = await caller();
    await demand(asking, need, { operation, target, correlationId });
    return asking;
  };

  return {
    store,
    live,
    signal,
    room,
    allowed,
    refusal: (error) => refusalOf(error, correlationId, options.logger),
    perform: async (name, given) => {
      const operation: Operation = operations[name];
      const asking = await allowed(needOf(operation), name, targetOf(operation, given));
      const params = parsed(operation.params, given);
      if (operation.method === 'GET') {
        const input = { params, query: parsed(operation.query, given), body: null };
        return performing.read(name, input, { caller: asking, correlationId });
      }
      const body = operation.body ? checked(operation.body, given.input ?? {}, 'input') : null;
      const { idempotencyKey, ifRevision } = given;
      const answered = await performing.command(
        name,
        { params, query: {}, body },
        {
          caller: asking,
          correlationId,
          idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
          ifMatch: typeof ifRevision === 'number' ? `"${ifRevision}"` : undefined,
        },
      );
      return answered.body;
    },
  };
};

const targetOf = ({ path }: Operation, given: Arguments): string =>
  path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => String(given[name] ?? '')).slice(0, 500);

/** The part of the arguments that a schema knows. */
const parsed = (schema: z.ZodType, given: Arguments): unknown => {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const own = known.flatMap((name) =>
    given[name] === undefined || given[name] === null ? [] : [[name, given[name]]],
  );
  return checked(schema, Object.fromEntries(own), '');
};

const checked = (schema: z.ZodType, value: unknown, at: string): unknown => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PartituraError('BAD_REQUEST', 'The arguments are not as they have to be.', {
    problems: result.error.issues.map(({ path, message }) => ({
      path: [at, ...path].filter((part) => part !== '').join('.'),
      message,
    })),
  });
};
