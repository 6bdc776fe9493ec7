import { audienceOf, type CloudEvent, type EventPlace, placeOf, toCloudEvent } from '@partitura/shared/http';
import type { Projected, Projection } from '../folding/projection.ts';

/** One document per event: its id is the position, so that the order of the ids is the order of the log. */
export interface HistoryDocument extends Projected, EventPlace {
  readonly type: string;
  readonly event: CloudEvent;
}

export const history: Projection<HistoryDocument> = {
  name: 'history',
  version: 3,
  indexes: [['runId'], ['runId', 'type'], ['projectId'], ['taskId'], ['agentId']],
  types: null,
  keys: ({ position }) => [position],
  apply: (document, event, id) =>
    document ?? {
      id,
      organizationId: audienceOf(event),
      ...placeOf(event),
      type: event.type,
      event: toCloudEvent(event),
      position: event.position,
    },
};
