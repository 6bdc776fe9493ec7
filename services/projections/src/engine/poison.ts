import type { EventStore } from '@partitura/shared/event-store';
import { type EventMetadata, type ProcessorEvent, streamName, versionOf } from '@partitura/shared/events';
import type { Clock, Logger } from '@partitura/shared/runtime';
import type { PoisonedEvent } from '../folding/fold-events.ts';
import type { Projection } from '../folding/projection.ts';
import type { ReportPoison } from './build.ts';

/**
 * An event that a reducer cannot take is a defect of the reducer: it is said in the log and in the lines of the service, and
 * mended by a new version of the reducer and a rebuild. The other documents go on.
 */
export const poisonReport =
  (store: EventStore, clock: Clock, logger: Logger): ReportPoison =>
  async (projection, poisoned) => {
    const { event, error } = poisoned;
    logger.error(
      { error, projection: projection.name, eventId: event.id, position: event.position, type: event.type },
      'a reducer could not take an event; its document stays as it was',
    );
    const parked = parkedEvent(projection, poisoned);
    const metadata: EventMetadata = {
      ...event.metadata,
      source: '/projections',
      actor: 'service:projections',
      causationId: event.id,
    };
    const id = `parked/${projection.name}@${projection.version}/${event.id}`;
    const time = new Date(clock.now()).toISOString();
    const toAppend = { ...parked, id, version: versionOf(parked.type), time, metadata };
    try {
      await store.append(streamName('processor', `projections.${projection.name}`), [toAppend], 'any');
    } catch (appendError) {
      logger.error({ error: appendError, eventId: event.id }, 'a parked event could not be recorded');
    }
  };

const parkedEvent = (projection: Projection, { event, error }: PoisonedEvent): ProcessorEvent => ({
  type: 'processor.event_parked',
  data: {
    processor: `projections.${projection.name}`,
    eventId: event.id,
    position: event.position,
    eventType: event.type,
    problem: { code: 'REDUCER_FAILED', message: error instanceof Error ? error.message : String(error) },
    attempts: 1,
  },
});
