import type { RecordedEvent } from '@partitura/shared/events';
import { type ApprovalResource, placeOf } from '@partitura/shared/http';
import { defineProjection, type Owned } from '../folding/projection.ts';

export interface ApprovalDocument extends ApprovalResource, Owned {
  /** Position of its `approval.requested`. */
  readonly askedAt: string;
}

/** What an operator does to it is checked against its own last event. */
const decided =
  (status: ApprovalResource['status']) =>
  (document: ApprovalDocument, _: unknown, event: RecordedEvent): ApprovalDocument => ({
    ...document,
    status,
    decidedAt: event.time,
    decidedBy: event.metadata.actor,
    revision: event.revision,
  });

export const approvals = defineProjection<ApprovalDocument>({
  name: 'approvals',
  version: 3,
  indexes: [['askedAt'], ['runId', 'askedAt'], ['status', 'askedAt'], ['runId', 'status', 'askedAt']],
  keys: ({ data }) => {
    const id = typeof data === 'object' && data && Reflect.get(data, 'approvalId');
    return typeof id === 'string' ? [id] : [];
  },
  begins: {
    'approval.requested': ({ action, subject, detail, expiresAt }, event, id) => {
      const { runId, projectId } = placeOf(event);
      return {
        id,
        runId: runId ?? '',
        projectId: projectId ?? '',
        action,
        subject,
        detail,
        status: 'pending',
        requestedAt: event.time,
        expiresAt,
        decidedAt: null,
        decidedBy: null,
        revision: event.revision,
        position: event.position,
        askedAt: event.position,
      };
    },
  },
  changes: {
    'approval.granted': decided('granted'),
    'approval.denied': decided('denied'),
    'approval.expired': decided('expired'),
  },
});

export const presentApproval = ({
  askedAt: _,
  organizationId: __,
  ...document
}: ApprovalDocument): ApprovalResource => document;
