import type { RecordedEvent } from '@partitura/shared/events';
import type { Projected, Projection } from './projection.ts';

/** Documents in the order of the ids. */
export type LoadDocuments = (ids: readonly string[]) => Promise<readonly (Projected | undefined)[]>;

/** An event that a reducer could not take. Its document stays as it was, and the rest goes on. */
export interface PoisonedEvent {
  readonly event: RecordedEvent;
  readonly documentId: string;
  readonly error: unknown;
}

export interface Folded {
  /** What changed or has an event of the batch already, by id: all that is to be there when the checkpoint moves. */
  readonly documents: ReadonlyMap<string, Projected>;
  readonly poisoned: readonly PoisonedEvent[];
}

/** For a fold in memory that begins with nothing. */
export const nothingStored: LoadDocuments = async (ids) => ids.map(() => undefined);

export const concerns = (projection: Projection, event: RecordedEvent): boolean =>
  projection.types === null || projection.types.has(event.type);

/**
 * Folds a batch: what it touches is read once, before; what has to be there after it comes back, to be written once. An event that is
 * in a document already (another instance wrote it, or a batch was written in part) changes nothing, but its document comes back as
 * well: between the reading and the writing it may be wiped, and a checkpoint that moved without it would leave it out for ever.
 */
export const foldEvents = async (
  projection: Projection,
  events: readonly RecordedEvent[],
  load: LoadDocuments,
): Promise<Folded> => {
  const touched = events
    .filter((event) => concerns(projection, event))
    .map((event) => ({ event, ids: projection.keys(event) }));
  const documents = new Map<string, Projected | undefined>();
  const changed = new Map<string, Projected>();
  const poisoned: PoisonedEvent[] = [];

  const fetch = async (ids: readonly string[]): Promise<void> => {
    const missing = [...new Set(ids)].filter((id) => !documents.has(id));
    if (missing.length === 0) return;
    const found = await load(missing);
    for (const [index, id] of missing.entries()) documents.set(id, found[index]);
  };
  const keep = (document: Projected): void => {
    documents.set(document.id, document);
    changed.set(document.id, document);
  };
  const apply = (event: RecordedEvent, id: string): void => {
    const before = documents.get(id);
    if (before && before.position >= event.position) return void changed.set(id, before);
    const after = projection.apply(before, event, id);
    if (after && after !== before) keep(after);
  };

  /** Also for a child that was written before: its parent may not have been. */
  const tellParents = async (event: RecordedEvent, id: string): Promise<void> => {
    const { parents } = projection;
    let child = documents.get(id);
    while (parents && child && child.position >= event.position) {
      const parentId = parents.parentOf(child);
      if (parentId === null) return;
      await fetch([parentId]);
      const parent = documents.get(parentId);
      if (!parent) return;
      child = { ...parents.take(parent, child), position: laterOf(parent.position, event.position) };
      keep(child);
    }
  };

  await fetch(touched.flatMap(({ ids }) => ids));
  for (const { event, ids } of touched) {
    for (const id of ids) {
      try {
        apply(event, id);
        await tellParents(event, id);
      } catch (error) {
        poisoned.push({ event, documentId: id, error });
      }
    }
  }
  return { documents: changed, poisoned };
};

const laterOf = (left: string, right: string): string => (left > right ? left : right);
