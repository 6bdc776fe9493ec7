import { setImmediate as othersTurn } from 'node:timers/promises';
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

/** Documents that events are folded into, read when they are touched for the first time. */
export interface Folding {
  take(events: readonly RecordedEvent[]): Promise<void>;
  /**
   * All that a fork has inherited, and then the fork itself, as one step: a document has all of it or nothing. Inherited events lie
   * before the fork's first one, so that their positions say nothing of what is in a document.
   */
  fork(forked: RecordedEvent, past: AsyncIterable<readonly RecordedEvent[]>): Promise<void>;
  folded(): Folded;
}

export const concerns = (projection: Projection, event: RecordedEvent): boolean =>
  projection.types === null || projection.types.has(event.type);

const laterOf = (left: string, right: string): string => (left > right ? left : right);

export const folding = (projection: Projection, load: LoadDocuments): Folding => {
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
  const applyAnew = (event: RecordedEvent, id: string): void => {
    const before = documents.get(id);
    const after = projection.apply(before, event, id);
    if (after && after !== before) keep(after);
  };
  const apply = (event: RecordedEvent, id: string): void => {
    const before = documents.get(id);
    if (before && before.position >= event.position) changed.set(id, before);
    else applyAnew(event, id);
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

  const foldEach = async (
    events: readonly RecordedEvent[],
    step: (event: RecordedEvent, id: string) => void,
  ): Promise<void> => {
    const touched = events
      .filter((event) => concerns(projection, event))
      .map((event) => ({ event, ids: projection.keys(event) }));
    await fetch(touched.flatMap(({ ids }) => ids));
    for (const { event, ids } of touched) {
      for (const id of ids) {
        try {
          step(event, id);
          await tellParents(event, id);
        } catch (error) {
          poisoned.push({ event, documentId: id, error });
        }
      }
    }
  };

  return {
    take: (events) => foldEach(events, apply),
    fork: async (forked, past) => {
      const inherited = new Set<string>();
      const step = (event: RecordedEvent, id: string): void => {
        const before = documents.get(id);
        if (before && before.position >= forked.position && !inherited.has(id)) changed.set(id, before);
        else {
          inherited.add(id);
          applyAnew(event, id);
        }
      };
      for await (const events of past) {
        await foldEach(events, step);
        // A past may be as long as a log.
        await othersTurn();
      }
      await foldEach([forked], step);
      for (const id of inherited) {
        const document = documents.get(id);
        if (document) keep({ ...document, position: forked.position });
      }
    },
    folded: () => ({ documents: changed, poisoned }),
  };
};
