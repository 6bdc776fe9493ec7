import type { EventOutlet } from '../outlet.ts';
import type { EventBus } from '../port.ts';
import type { KafkaEventBusOptions } from './kafka-event-bus.ts';
import type { KafkaOutletOptions } from './kafka-outlet.ts';

/**
 * The event bus on Kafka, shared by any number of processes. The client is loaded here, not with the port.
 * @throws {BusError} `BUS_URL_INVALID`, `BUS_UNREACHABLE`, `BUS_VERSION_UNSUPPORTED`, `BUS_CREDENTIALS_REFUSED`, `BUS_TLS_FAILED`,
 * `BUS_RIGHTS_MISSING`, `BUS_TOPIC_UNSUITABLE`
 */
export const openKafkaEventBus = async (options: KafkaEventBusOptions): Promise<EventBus> => {
  const { connectEventBus } = await import('./kafka-event-bus.ts');
  return connectEventBus(options);
};

/**
 * Kafka as the place a relay hands the log on to.
 * @throws {BusError} as `openKafkaEventBus`
 */
export const openKafkaOutlet = async (options: KafkaOutletOptions): Promise<EventOutlet> => {
  const { connectOutlet } = await import('./kafka-outlet.ts');
  return connectOutlet(options);
};
