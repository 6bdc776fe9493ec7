import type { EventStore } from '@partitura/shared/event-store';
import type { RecordedEvent } from '@partitura/shared/events';
import type { CollectionDefinition, ReadModels } from '@partitura/shared/read-models';
import type { ProjectionEngine } from '../engine/engine.ts';
import { pastIn } from '../folding/past.ts';
import { projections } from '../projections.ts';
import { foldInBatches } from './fold.ts';

/** Every document by read model and id, as JSON. */
type Everything = Readonly<Record<string, Readonly<Record<string, string>>>>;

const sorted = (entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> =>
  Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));

/** Of the collections that readers are to ask. */
export const documentsIn = async (
  readModels: ReadModels,
  collection: (name: string) => CollectionDefinition,
): Promise<Everything> => {
  const all: Record<string, Readonly<Record<string, string>>> = {};
  for (const { name } of projections) {
    const entries: [string, string][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: { limit: number; cursor?: string } = { limit: 500, ...(cursor === '' ? {} : { cursor }) };
      const page: Awaited<ReturnType<ReadModels['find']>> = await readModels.find(collection(name), query);
      for (const document of page.items) entries.push([document.id, JSON.stringify(document)]);
      cursor = page.nextCursor;
    }
    all[name] = sorted(entries);
  }
  return all;
};

/** What readers of this engine get. */
export const documentsOf = (engine: ProjectionEngine, readModels: ReadModels): Promise<Everything> =>
  documentsIn(readModels, engine.collection);

/** What they are to get: the whole log, folded in memory. */
export const foldOfTheLog = async (store: EventStore): Promise<Everything> => {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll()) events.push(...page.events);
  const all: Record<string, Readonly<Record<string, string>>> = {};
  for (const projection of projections)
    all[projection.name] = sorted([...(await foldInBatches(projection, events, [], pastIn(store)))]);
  return all;
};
