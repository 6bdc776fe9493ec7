import { upcastEvent } from '../../event-store/upcast.ts';
import type { EventRegistry, RecordedEvent } from '../../events/index.ts';
import { backoffAfter } from '../../runtime/backoff.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { BusSubscription } from '../port.ts';
import { messageEvent, type ReceivedMessage, typeOf } from './messages.ts';

/** Between two tries of a batch. */
const retry = { backoffMs: 10, maxBackoffMs: 5_000 };

export const wantedBy = ({ filter }: BusSubscription): ((message: ReceivedMessage) => boolean) => {
  const types = filter?.types === undefined ? null : new Set(filter.types);
  return (message) => {
    const type = typeOf(message);
    return type !== undefined && (types === null || types.has(type));
  };
};

/**
 * Hands a batch over until it is handled. An event that a newer program wrote cannot be read, and not be left out either: it is
 * tried again until this program is replaced.
 */
export const insistently =
  ({ group, handle }: BusSubscription, registry: EventRegistry, clock: Clock, logger: Logger) =>
  async (messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<boolean> => {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const events = messages.flatMap((message) => readable(message, registry, logger));
        if (events.length > 0) await handle(events);
        return true;
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ group, failures, error }, 'a batch was not handled and is handed over again');
        await clock.sleep(backoffAfter(retry, failures), signal).catch(() => {});
      }
    }
    return false;
  };

const readable = (
  message: ReceivedMessage,
  registry: EventRegistry,
  logger: Logger,
): readonly RecordedEvent[] => {
  const event = messageEvent(message);
  if (event) return [upcastEvent(event, registry)];
  logger.error(
    { offset: message.offset },
    'a message on the bus is not an event of Partitura and is left out',
  );
  return [];
};
