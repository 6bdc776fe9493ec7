import { type RecordedEvent, streamName } from '@partitura/shared/events';
import { type Forked, isForked, originIn, translation } from '@partitura/shared/forking';
import type { Projected, Projection } from '../../../../services/projections/src/folding/projection.ts';

const isLeft = ({ type }: RecordedEvent): boolean => type === 'run.created' || type.startsWith('approval.');

/** What a fork has inherited, looked for in the whole log, as no service may do it. */
const inheritedIn = (log: readonly RecordedEvent[], forked: Forked): readonly RecordedEvent[] => {
  const { runId, parentRunId, streams } = originIn(forked);
  const ofParent = streamName('run', parentRunId);
  const before = log.filter(({ stream }) => stream === ofParent).find(isForked);
  const own = log.filter(({ stream, revision }) => revision <= (streams[stream] ?? -1));
  const { event: translated } = translation(parentRunId, runId);
  return [...(before ? inheritedIn(log, before) : []), ...own]
    .filter((event) => !isLeft(event))
    .map((event) => translated(event, event.stream === ofParent ? 0 : -1));
};

export interface PlainFold {
  take(event: RecordedEvent): void;
  /** As JSON, by id, in the order in which they began. */
  documents(): ReadonlyMap<string, string>;
}

/**
 * The reducers on one event after the other and nothing else: no batches, no checkpoints, no history that is read from a read model.
 * @param log all of it, for what forks inherit
 */
export const plainFold = (projection: Projection, log: readonly RecordedEvent[]): PlainFold => {
  const { types, parents } = projection;
  const documents = new Map<string, string>();
  const documentOf = (id: string): Projected | undefined => {
    const text = documents.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as Projected);
  };
  const keep = (document: Projected): void => {
    documents.set(document.id, JSON.stringify(document));
  };

  const tellParent = (child: Projected, position: string): void => {
    const parent = documentOf(parents?.parentOf(child) ?? '');
    if (!parents || !parent) return;
    const later = parent.position > position ? parent.position : position;
    const told = { ...parents.take(parent, child), position: later };
    keep(told);
    tellParent(told, position);
  };

  const apply = (event: RecordedEvent): readonly string[] => {
    if (types !== null && !types.has(event.type)) return [];
    const ids = projection.keys(event);
    for (const id of ids) {
      const after = projection.apply(documentOf(id), event, id);
      if (!after) continue;
      keep(after);
      tellParent(after, event.position);
    }
    return ids;
  };

  /** Whatever it touches stands where the fork does. */
  const inherit = (forked: Forked): void => {
    const touched = new Set([...inheritedIn(log, forked), forked].flatMap(apply));
    for (const id of touched) {
      const document = documentOf(id);
      if (document) keep({ ...document, position: forked.position });
    }
  };

  return {
    take: (event) => {
      if (projection.inherits && isForked(event)) inherit(event);
      else apply(event);
    },
    documents: () => documents,
  };
};
