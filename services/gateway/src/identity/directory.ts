import type { EventStore } from '@partitura/shared/event-store';
import {
  asOrganizationId,
  beginning,
  defaultOrganization,
  type OrganizationId,
  parseStreamName,
} from '@partitura/shared/events';

/** Which organisations there are. */
export interface Directory {
  /** All of them as of now, in the order of their ids. */
  list(): Promise<readonly OrganizationId[]>;
}

/**
 * Reads on in the log whenever it is asked, from where it came to: what was created in whichever replica is there at once, in one
 * process and in several, and a gateway that nobody asks reads nothing.
 */
export const organizationDirectory = (store: EventStore): Directory => {
  const known = new Set<OrganizationId>([defaultOrganization]);
  let position = beginning;
  let reading: Promise<void> | null = null;

  const readOn = async (): Promise<void> => {
    // What lies before the head has been looked through then, also where nothing of it is an organisation.
    const head = await store.head();
    const filter = { categories: ['identity'] as const, types: ['organization.created'] };
    for await (const page of store.readAll({ after: position, filter })) {
      for (const { stream } of page.events) known.add(asOrganizationId(parseStreamName(stream).id));
      position = page.position;
    }
    if (head > position) position = head;
  };

  return {
    list: async () => {
      // A reading that began before this question may have missed what was recorded since.
      await reading?.catch(() => undefined);
      reading ??= readOn().finally(() => {
        reading = null;
      });
      await reading;
      return [...known].sort();
    },
  };
};
