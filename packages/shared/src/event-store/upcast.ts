import type { EventRegistry, RecordedEvent } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';

/**
 * The event in its type's current version.
 * @throws {PartituraError} `EVENT_NOT_READABLE` when a newer program wrote it
 */
export const upcastEvent = (event: RecordedEvent, registry: EventRegistry): RecordedEvent => {
  try {
    const { version, data } = registry.upcast(event.type, event.version, event.data);
    return version === event.version ? event : { ...event, version, data };
  } catch (error) {
    throw new PartituraError(
      'EVENT_NOT_READABLE',
      `Revision ${event.revision} of ${event.stream} is ${event.type} in version ${event.version}, which this program cannot read.`,
      { advice: 'Use the version of Partitura that wrote it, or a newer one.', cause: error },
    );
  }
};
