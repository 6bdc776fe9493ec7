import type { EventStore } from '@partitura/shared/event-store';
import { streamName } from '@partitura/shared/events';
import { type CallContext, isThereFor, type Ownership, ownerOf, ownershipIn } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';

/**
 * Whose the project is, if it is there for the caller: an empty list must not stand for a mistyped id, nor for another's. A project's
 * stream is some dozens of events; late words of its runs may follow the one that removed it.
 * @throws {PartituraError} `PROJECT_NOT_FOUND`
 */
export const requireProject = async (
  store: EventStore,
  context: Pick<CallContext, 'organizationId'>,
  projectId: string,
): Promise<Ownership> => {
  const events = (await Array.fromAsync(store.readStream(streamName('project', projectId)))).flat();
  const [created] = events;
  const owner = created && ownershipIn(created.metadata);
  const isRemoved = events.some(({ type }) => type === 'project.removed');
  if (owner === undefined || isRemoved || !isThereFor(context, ownerOf(owner)))
    throw new PartituraError('PROJECT_NOT_FOUND', `There is no project "${projectId}".`);
  return owner;
};
