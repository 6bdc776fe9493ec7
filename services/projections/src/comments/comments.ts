import type { CommentResource } from '@partitura/shared/http';
import { defineProjection, type Owned } from '../folding/projection.ts';

export interface CommentDocument extends CommentResource, Owned {
  readonly position: string;
}

export const comments = defineProjection<CommentDocument>({
  name: 'comments',
  version: 2,
  indexes: [['taskId', 'position']],
  keys: ({ id }) => [id],
  begins: {
    'task.commented': ({ taskId, text }, event, id) => ({
      id,
      taskId,
      author: event.metadata.actor,
      text,
      createdAt: event.time,
      position: event.position,
    }),
  },
  changes: {},
});

export const presentComment = ({
  position: _,
  organizationId: __,
  ...document
}: CommentDocument): CommentResource => document;
