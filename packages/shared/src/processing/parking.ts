import type { EventStore } from '../event-store/index.ts';
import { parseStreamName, type RecordedEvent, streamName, versionOf } from '../events/index.ts';
import { type Clock, type Logger, PartituraError } from '../runtime/index.ts';

export interface ParkingLotOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly service: string;
  /** `<service>.<name>` of the processor. */
  readonly group: string;
  readonly logger: Logger;
}

export interface ParkedBecause {
  readonly error: unknown;
  readonly attempts: number;
}

const longestMessage = 2_000;

/**
 * Records what a processor could not handle. The id derives from the event, so that an event parked again (its checkpoint was
 * lost in a crash) is recorded once.
 */
export const parkingLot =
  ({ store, clock, service, group, logger }: ParkingLotOptions) =>
  async (event: RecordedEvent, { error, attempts }: ParkedBecause): Promise<void> => {
    const { id, type, position, metadata } = event;
    logger.error({ error, attempts, event: id, type, position, stream: event.stream }, 'an event is parked');
    // A processor that follows these very streams would otherwise park the report of each event it parked, for ever.
    if (parseStreamName(event.stream).category === 'processor') return;
    const data = {
      processor: group,
      eventId: id,
      position,
      eventType: type,
      problem: problemOf(error),
      attempts,
    };
    await store.append(
      streamName('processor', group),
      [
        {
          id: `parked/${group}/${id}`,
          type: 'processor.event_parked',
          version: versionOf('processor.event_parked'),
          data,
          time: new Date(clock.now()).toISOString(),
          metadata: { ...metadata, source: `/${service}`, actor: `service:${service}`, causationId: id },
        },
      ],
      'any',
    );
  };

const problemOf = (error: unknown): { code: string; message: string } => ({
  code: error instanceof PartituraError ? error.code : 'HANDLER_FAILED',
  message: (Error.isError(error) ? error.message : String(error)).slice(0, longestMessage),
});
