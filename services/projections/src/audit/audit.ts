import {
  type AuditEvent,
  type OrganizationId,
  ownerOf,
  parseStreamName,
  type RecordedEvent,
  type RecordedIn,
  standsIn,
} from '@partitura/shared/events';
import type { AuditResource } from '@partitura/shared/http';
import type { Projected, Projection } from '../folding/projection.ts';

export type AuditDocument = Omit<AuditResource, 'organizationId'> &
  Projected & { readonly organizationId: OrganizationId };

/** Said with the first event of a command, which is named after it: what follows of itself has a longer name. */
const firstOfCommand = /^[^/>]+\/0$/;
const people = /^(user|key):/;

/** Kept beside commands, and no command: what an Idempotency-Key was used for. */
const isCommand = ({ id, stream, metadata }: RecordedEvent): boolean =>
  people.test(metadata.actor) && firstOfCommand.test(id) && parseStreamName(stream).category !== 'command';

/** What the gateway says of who asks: what was refused, what was looked at, whose data can be erased. */
const isOfGateway = standsIn('audit');

type Said = Pick<AuditDocument, 'kind' | 'target' | 'operation' | 'code' | 'reason' | 'count'>;

const nothingMore = { operation: null, code: null, reason: null, count: 1 } as const;

const read = (
  { data }: Extract<AuditEvent, { type: 'access.read' }>,
  which: number,
  stream: string,
): Said => {
  const one = data.reads[which];
  if (one === undefined)
    return {
      ...nothingMore,
      kind: 'read',
      target: stream,
      reason: 'more than are told one by one',
      count: data.more,
    };
  const { operation, target, count, from, until } = one;
  return { kind: 'read', target, operation, code: null, reason: `from ${from} to ${until}`, count };
};

const saidBy = (event: RecordedIn<'audit'>, which: number): Said => {
  switch (event.type) {
    case 'access.denied':
      return { kind: 'denial', ...event.data, count: 1 };
    case 'access.denials_suppressed': {
      const { count, codes, from, until } = event.data;
      const reason = `${count} more denials from ${from} to ${until}`;
      return { kind: 'denial', target: event.stream, operation: null, code: codes.join(' '), reason, count };
    }
    case 'access.read':
      return read(event, which, event.stream);
    case 'subject.declared':
    case 'subject.erased':
      return { ...nothingMore, kind: 'command', target: `/api/v1/subjects/${event.data.subjectId}` };
  }
};

const commanded = ({ stream }: RecordedEvent): Said => ({ ...nothingMore, kind: 'command', target: stream });

/** One for each thing that was looked at, and one for all that are only counted. */
const readsIn = (event: RecordedIn<'audit'>): readonly string[] => {
  if (event.type !== 'access.read') return [event.position];
  const { data } = event;
  const told = data.more > 0 ? data.reads.length + 1 : data.reads.length;
  return Array.from({ length: told }, (_, which) => `${event.position}${beforeNumber}${which}`);
};

const beforeNumber = '.read.';
const numberIn = (id: string): number => Number(id.split(beforeNumber)[1] ?? 0);

/** What people and keys did, what they were not allowed to, and what they looked at: one document each. */
export const audit: Projection<AuditDocument> = {
  name: 'audit',
  version: 2,
  indexes: [
    ['time'],
    ['actor', 'time'],
    ['type', 'time'],
    ['actor', 'type', 'time'],
    ['kind', 'time'],
    ['kind', 'type', 'time'],
    ['actor', 'kind', 'time'],
    ['actor', 'kind', 'type', 'time'],
  ],
  types: null,
  keys: (event) => {
    if (isOfGateway(event)) return readsIn(event);
    return isCommand(event) ? [event.position] : [];
  },
  apply: (document, event, id) => {
    const { type, time, position, metadata } = event;
    return (
      document ?? {
        id,
        time,
        position,
        organizationId: ownerOf(metadata),
        actor: metadata.actor,
        type,
        ...(isOfGateway(event) ? saidBy(event, numberIn(id)) : commanded(event)),
        correlationId: metadata.correlationId,
        projectId: metadata.projectId ?? null,
        runId: metadata.runId ?? null,
      }
    );
  },
};
