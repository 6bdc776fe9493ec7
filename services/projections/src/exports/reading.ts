import type { EventStore } from '@partitura/shared/event-store';
import { asPosition, beginning } from '@partitura/shared/events';
import { isShownTo, toCloudEvent } from '@partitura/shared/http';
import type { FactKind } from '../analytics/facts/fact.ts';
import { placedFacts } from '../analytics/reading-facts.ts';
import type { Reader } from '../queries/per-caller.ts';
import { type Documents, isRemoved, type Readers } from '../queries/readers.ts';
import { factRowOf } from './fact-rows.ts';

/** What one export reads, for whom, and from where to where. */
export interface Reading {
  readonly readers: Readers;
  readonly store: EventStore;
  readonly reader: Reader;
  /** Exclusive; the beginning for everything. */
  readonly after: string;
  /** Inclusive: where the log, or the read models, stood when it began. What is appended later is not in it. */
  readonly upTo: string;
}

type Changing = Exclude<keyof Documents, 'facts' | 'history'>;

/**
 * Documents that changed since, in the order of their ids: each that was there when it began comes once, as it is when its turn comes.
 * In the order of their changes, one that changes meanwhile would move on before whoever reads, and never come. So one that changes
 * later than `upTo` is in this export and in the next: it is taken over by its key.
 */
export async function* changedDocuments<Name extends Changing>(
  { readers, after }: Reading,
  name: Name,
  present: (documents: readonly Documents[Name][]) => Promise<readonly unknown[]>,
): AsyncGenerator<readonly unknown[]> {
  for await (const page of readers.pages(name, {})) {
    const changed = page.filter(({ position }) => position > after);
    const shown = await withoutRemoved(readers, changed);
    if (shown.length > 0) yield await present(shown);
  }
}

/** As lists have it: not what was removed, nor what is of it. */
const withoutRemoved = async <Content extends Documents[Changing]>(
  readers: Readers,
  documents: readonly Content[],
): Promise<readonly Content[]> => {
  const ids = [...new Set(documents.flatMap((one) => projectOf(one) ?? []))];
  const projects = await readers.several('projects', ids);
  const removed = new Set(projects.flatMap((one) => (one && isRemoved(one) ? [one.id] : [])));
  return documents.filter((one) => !isRemoved(one) && !removed.has(projectOf(one) ?? ''));
};

const projectOf = (document: Documents[Changing]): string | null =>
  'projectId' in document && !('kind' in document && document.kind === 'command') ? document.projectId : null;

/** In the order of the log, which is that of their ids: the same bytes at once as in parts. */
export async function* historyPages({ readers, after, upTo }: Reading): AsyncGenerator<unknown[]> {
  const between = { from: after, to: upTo };
  for await (const page of readers.pages('history', { between }))
    yield page.filter(({ position }) => position > after).map(({ event }) => event);
}

/** The log up to where it stood, as far as the reader may see it. */
export async function* logPages({ store, reader, after, upTo }: Reading): AsyncGenerator<unknown[]> {
  if (upTo <= after) return;
  const from = after === beginning ? {} : { after: asPosition(after) };
  for await (const { events, position } of store.readAll(from)) {
    yield events
      .filter((event) => event.position <= upTo && isShownTo(reader, event))
      .map((event) => toCloudEvent(event));
    if (position >= upTo) return;
  }
}

/** Of one kind, each with where it belongs. */
export async function* factPages(
  { readers, after }: Reading,
  kind: FactKind,
): AsyncGenerator<readonly unknown[]> {
  // Their ids begin with their kind, and "0" comes after "/".
  const between = { from: `${kind}/`, to: `${kind}0` };
  for await (const page of readers.pages('facts', { between })) {
    const changed = page.filter(({ own, position }) => own && position > after);
    if (changed.length > 0) yield (await placedFacts(readers, changed)).map(factRowOf);
  }
}
