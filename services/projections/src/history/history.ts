import { audienceOf, type CloudEvent, type EventPlace, placeOf, toCloudEvent } from '@partitura/shared/http';
import type { Projected, Projection } from '../folding/projection.ts';

/** One document per event: its id is the position, so that the order of the ids is the order of the log. */
export interface HistoryDocument extends Projected, EventPlace {
  readonly type: string;
  readonly time: string;
  readonly actor: string;
  readonly event: CloudEvent;
}

export const history: Projection<HistoryDocument> = {
  name: 'history',
  version: 4,
  // Tasks and agents have few events: there a type is passed over like an actor.
  indexes: [
    ['projectId', 'id', 'time', 'actor'],
    ['projectId', 'type', 'id', 'time', 'actor'],
    ['runId', 'id', 'time', 'actor'],
    ['runId', 'type', 'id', 'time', 'actor'],
    ['taskId', 'id', 'type', 'time', 'actor'],
    ['agentId', 'id', 'type', 'time', 'actor'],
  ],
  types: null,
  keys: ({ position }) => [position],
  apply: (document, event, id) =>
    document ?? {
      id,
      organizationId: audienceOf(event),
      ...placeOf(event),
      type: event.type,
      time: event.time,
      actor: event.metadata.actor,
      event: toCloudEvent(event),
      position: event.position,
    },
};
