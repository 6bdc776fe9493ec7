import type { RecordedEvent } from '@partitura/shared/events';
import { type Happening, recorded } from '@partitura/shared/http/testing';
import { foldEvents } from '../folding/fold-events.ts';
import { noPast, type PastOf } from '../folding/past.ts';
import type { Projected, Projection } from '../folding/projection.ts';

/** Folds in batches of the given sizes (the last one takes the rest), each document through JSON in between, as a store does. */
export const foldInBatches = async (
  projection: Projection,
  events: readonly RecordedEvent[],
  sizes: readonly number[] = [],
  pastOf: PastOf = noPast,
): Promise<ReadonlyMap<string, string>> => {
  const stored = new Map<string, string>();
  const load = async (ids: readonly string[]) =>
    ids.map((id) => {
      const text = stored.get(id);
      return text === undefined ? undefined : (JSON.parse(text) as Projected);
    });
  let rest = events;
  for (const size of [...sizes, events.length]) {
    const { documents, poisoned } = await foldEvents(projection, rest.slice(0, size), load, pastOf);
    if (poisoned[0]) throw poisoned[0].error;
    for (const [id, document] of documents) stored.set(id, JSON.stringify(document));
    rest = rest.slice(size);
  }
  return stored;
};

/** The documents after these happenings, by id. */
export const given = async <Content extends Projected>(
  projection: Projection<Content>,
  happenings: readonly Happening[],
): Promise<ReadonlyMap<string, Content>> => {
  const folded = await foldInBatches(projection, recorded(happenings));
  return new Map([...folded].map(([id, text]) => [id, JSON.parse(text) as Content]));
};

/** The story up to the n-th event of a type, that one included. */
export const upTo = (happenings: readonly Happening[], type: string, nth = 1): readonly Happening[] => {
  const places = happenings.flatMap(({ event }, index) => (event.type === type ? [index] : []));
  const place = places[nth - 1];
  if (place === undefined) throw new RangeError(`The story has no ${nth}. ${type}.`);
  return happenings.slice(0, place + 1);
};
