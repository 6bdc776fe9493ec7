import {
  type Category,
  type OrganizationId,
  ownerOf,
  parseStreamName,
  type RecordedEvent,
} from '../events/index.ts';
import type { CallContext } from './operation.ts';

export { type Ownership, ownerOf, ownershipIn } from '../events/index.ts';

/** Whether what belongs to `owner` is there for the caller. What is not there is *not found*, as if nobody had it. */
export const isThereFor = (
  { organizationId }: Pick<CallContext, 'organizationId'>,
  owner: OrganizationId,
): boolean => organizationId === null || organizationId === owner;

/** The installation's own affairs, and those that have an operation with a role of its own to be read by. */
const nobodys: ReadonlySet<Category> = new Set(['processor', 'identity', 'audit']);

/**
 * Whether feeds, webhooks and exports of the caller may show the event. What belongs to no organisation's work is for those alone
 * who may see the whole installation.
 */
export const isShownTo = (
  caller: Pick<CallContext, 'organizationId'>,
  event: Pick<RecordedEvent, 'stream' | 'metadata'>,
): boolean =>
  caller.organizationId === null ||
  (!nobodys.has(parseStreamName(event.stream).category) && isThereFor(caller, ownerOf(event.metadata)));
