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
const nobodys: ReadonlySet<Category> = new Set(['processor', 'identity', 'audit', 'command']);

type Placed = Pick<RecordedEvent, 'stream' | 'metadata'>;

/** Whose feeds, webhooks, exports and history have the event; null for those alone who may see the whole installation. */
export const audienceOf = ({ stream, metadata }: Placed): OrganizationId | null =>
  nobodys.has(parseStreamName(stream).category) ? null : ownerOf(metadata);

/** Answers kept for whoever brings an Idempotency-Key again: theirs alone, and of no interest to anybody else. */
const isKeptAnswer = ({ stream }: Placed): boolean => parseStreamName(stream).category === 'command';

/** Whether feeds, webhooks and exports of the caller may show the event. */
export const isShownTo = ({ organizationId }: Pick<CallContext, 'organizationId'>, event: Placed): boolean =>
  !isKeptAnswer(event) && (organizationId === null || organizationId === audienceOf(event));
