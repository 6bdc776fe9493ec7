import type { RecordedEvent } from '@partitura/shared/events';
import type { RunStateResource } from '@partitura/shared/http';
import { defineProjection, type Projected } from '../folding/projection.ts';

/** Something that came to be known from a run. What is known, in full and for searches, has a service of its own. */
export interface DiscoveryDocument extends Projected {
  readonly runId: string;
  readonly taskId: string | null;
  readonly kind: string;
  readonly title: string;
  readonly retracted: boolean;
  /** Position of its `knowledge.node_added`. */
  readonly addedAt: string;
}

const nodeIds = ({ type, data }: RecordedEvent): readonly string[] => {
  const id = type.startsWith('knowledge.') && typeof data === 'object' && data && Reflect.get(data, 'nodeId');
  return typeof id === 'string' ? [id] : [];
};

export const discoveries = defineProjection<DiscoveryDocument>({
  name: 'discoveries',
  version: 1,
  indexes: [['runId', 'addedAt']],
  keys: nodeIds,
  begins: {
    'knowledge.node_added': ({ provenance, kind, title }, event, id) => ({
      id,
      runId: provenance.runId ?? '',
      taskId: provenance.taskId,
      kind,
      title,
      retracted: false,
      position: event.position,
      addedAt: event.position,
    }),
  },
  changes: {
    'knowledge.node_retracted': (document) => ({ ...document, retracted: true }),
    'knowledge.node_confirmed': (document) => ({ ...document, retracted: false }),
  },
});

export const presentDiscovery = ({
  id,
  kind,
  title,
  taskId,
  retracted,
  position,
}: DiscoveryDocument): RunStateResource['knowledge']['nodes'][number] => ({
  id,
  kind,
  title,
  taskId,
  retracted,
  position,
});
