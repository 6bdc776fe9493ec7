import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import { foldEvents, type LoadDocuments } from '../folding/fold-events.ts';
import type { Projected, Projection } from '../folding/projection.ts';

/**
 * The documents that the events between two positions touch and that do not have them all, as they have to be. None, when
 * nothing went wrong: what a document has already changes nothing.
 */
export const outdatedDocuments = async (
  store: EventStore,
  projection: Projection,
  load: LoadDocuments,
  { after, upTo }: { readonly after: Position; readonly upTo: Position },
): Promise<readonly Projected[]> => {
  const mended = new Map<string, Projected>();
  /** As they were stored: a reducer may change the document it is given. */
  const stored = new Map<string, string>();
  const loadMended: LoadDocuments = async (ids) => {
    const others = ids.filter((id) => !mended.has(id));
    const loaded = others.length === 0 ? [] : await load(others);
    for (const document of loaded) if (document) stored.set(document.id, JSON.stringify(document));
    const found = new Map(others.map((id, index) => [id, loaded[index]]));
    return ids.map((id) => mended.get(id) ?? found.get(id));
  };
  for await (const page of store.readAll({ after })) {
    const events = page.events.filter(({ position }) => position <= upTo);
    // What a reducer could not take was said when it was taken first.
    const { documents } = await foldEvents(projection, events, loadMended);
    for (const document of documents.values()) mended.set(document.id, document);
    if (page.position >= upTo) break;
  }
  // A parent is told of its children again, which seldom says anything new to it.
  return [...mended.values()].filter((document) => JSON.stringify(document) !== stored.get(document.id));
};
