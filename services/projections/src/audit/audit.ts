import {
  type AuditEvent,
  type OrganizationId,
  ownerOf,
  parseStreamName,
  type RecordedEvent,
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

const isDenial = (event: RecordedEvent): boolean => parseStreamName(event.stream).category === 'audit';

type Said = Pick<AuditDocument, 'kind' | 'target' | 'operation' | 'code' | 'reason' | 'count'>;

const denied = (event: RecordedEvent): Said => {
  // The category of the stream fixes its event types.
  const { type, data } = event as AuditEvent;
  if (type === 'access.denied') return { kind: 'denial', ...data, count: 1 };
  const { count, codes, from, until } = data;
  return {
    kind: 'denial',
    target: event.stream,
    operation: null,
    code: codes.join(' '),
    reason: `${count} more denials from ${from} to ${until}`,
    count,
  };
};

const commanded = ({ stream }: RecordedEvent): Said => ({
  kind: 'command',
  target: stream,
  operation: null,
  code: null,
  reason: null,
  count: 1,
});

/** What people and keys did, and what they were not allowed to: one document each. */
export const audit: Projection<AuditDocument> = {
  name: 'audit',
  version: 1,
  indexes: [['time'], ['actor', 'time'], ['type', 'time'], ['actor', 'type', 'time']],
  types: null,
  keys: (event) => (isDenial(event) || isCommand(event) ? [event.position] : []),
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
        ...(isDenial(event) ? denied(event) : commanded(event)),
        correlationId: metadata.correlationId,
        projectId: metadata.projectId ?? null,
        runId: metadata.runId ?? null,
      }
    );
  },
};
