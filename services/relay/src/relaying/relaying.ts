import type { EventOutlet, RelayTurn } from '@partitura/shared/event-bus';
import type { EventPage, EventStore } from '@partitura/shared/event-store';
import { categories, type Position } from '@partitura/shared/events';
import type { Clock, Component, HealthCheck, Logger, Metrics } from '@partitura/shared/runtime';
import { countAfter } from './backlog.ts';
import { relayMetrics } from './relay-metrics.ts';

export interface RelayingDependencies {
  /** Any store: it is read as everybody else reads it. */
  readonly store: EventStore;
  readonly outlet: EventOutlet;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Trouble {
  readonly since: number;
  readonly error: unknown;
}

const batchSize = 500;

/**
 * Follows the log from its checkpoint and hands on page by page: the next is read when the last is durable on the bus, then the
 * checkpoint moves. A relay that is killed anywhere between is followed by one that hands the same events on again, in the same
 * order.
 */
export const relaying = (
  dependencies: RelayingDependencies,
): { readonly component: Component; readonly health: HealthCheck } => {
  const { store, outlet, clock, logger } = dependencies;
  const metrics = relayMetrics(dependencies.metrics);
  const stopping = new AbortController();
  let leading: Promise<void> = Promise.resolve();
  let position: Position | null = null;
  let trouble: Trouble | null = null;
  let stopObserving = () => {};

  const onTrouble = (error: unknown): void => {
    if (trouble === null) logger.warn({ error }, 'events cannot be handed on');
    trouble ??= { since: clock.now(), error };
  };

  /** What kept this one from handing on is the other one's now: it was not ready for ever after the bus had been away. */
  const onOthersTurn = (): void => {
    trouble = null;
  };

  const handOn = async ({ events, position: upTo }: EventPage, turn: RelayTurn): Promise<void> => {
    await turn.publish(events, onTrouble);
    if (trouble) logger.info({ since: new Date(trouble.since).toISOString() }, 'events are handed on again');
    trouble = null;
    turn.moveTo(upTo);
    position = upTo;
    metrics.relayed(events);
  };

  const relay = async (turn: RelayTurn): Promise<void> => {
    logger.info({ after: turn.after }, 'this relay is the active one');
    position = turn.after;
    metrics.active(true);
    try {
      const { after, signal } = turn;
      for await (const page of store.subscribe({ after, signal, batchSize, filter: { categories } }))
        await handOn(page, turn);
    } catch (error) {
      if (turn.signal.aborted) return;
      onTrouble(error);
      throw error;
    } finally {
      metrics.active(false);
      position = null;
    }
  };

  const component: Component = {
    name: 'relay',
    start: async () => {
      metrics.active(false);
      stopObserving = metrics.observeLag(async () =>
        position === null ? 0 : await countAfter(store, position),
      );
      leading = outlet.lead(relay, stopping.signal, onOthersTurn);
    },
    stop: async () => {
      stopObserving();
      stopping.abort();
      await leading;
    },
  };

  const health: HealthCheck = {
    name: 'relay',
    check: async () =>
      trouble === null
        ? null
        : `has handed nothing on since ${new Date(trouble.since).toISOString()}: ${messageOf(trouble.error)}`,
  };
  return { component, health };
};

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
