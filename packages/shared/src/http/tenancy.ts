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

/**
 * What an organisation works on. All else is the installation's own affair, as parked events are, or is read by an operation that asks
 * for more than a viewer: keys and members, denials, webhooks.
 */
const work: ReadonlySet<Category> = new Set(['project', 'run', 'plan', 'agent', 'merge', 'knowledge']);

type Placed = Pick<RecordedEvent, 'stream' | 'metadata'>;

/** Whose feeds, webhooks, exports and history have the event; null for those alone who may see the whole installation. */
export const audienceOf = ({ stream, metadata }: Placed): OrganizationId | null =>
  work.has(parseStreamName(stream).category) ? ownerOf(metadata) : null;

/** Answers kept for whoever brings an Idempotency-Key again: theirs alone, and of no interest to anybody else. */
const isKeptAnswer = ({ stream }: Placed): boolean => parseStreamName(stream).category === 'command';

/** Whether feeds, webhooks and exports of the caller may show the event. */
export const isShownTo = ({ organizationId }: Pick<CallContext, 'organizationId'>, event: Placed): boolean =>
  !isKeptAnswer(event) && (organizationId === null || organizationId === audienceOf(event));
