import { askByType, type ByType, ownerOf, type RecordedEvent } from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import { placeOf } from '@partitura/shared/http';
import type { KnownType, Projected } from '../../folding/projection.ts';

export const factKinds = ['call', 'attempt', 'task', 'run', 'gate', 'knowledge'] as const;
export type FactKind = (typeof factKinds)[number];

/**
 * What every fact says. Facts are small and add up: one document for what one question counts once, so that no question reads the log,
 * and no answer counts anything twice.
 */
export interface Fact extends Projected {
  readonly kind: FactKind;
  readonly projectId: string;
  /** Null for what belongs to no run, as what is known does. */
  readonly runId: string | null;
  /** ISO 8601 UTC: when it counts. Of what ended, the end; of what goes on, the beginning; of what is summed up, the hour. */
  readonly at: string;
  /**
   * False while all that is known of it was inherited by a fork: what the other run did and paid is counted there. What such events say
   * of what a thing is (its type, its phase) is taken over all the same.
   */
  readonly own: boolean;
}

/** What each fact says when it begins. */
type Beginning<Content extends Fact> = Fact & Pick<Content, 'kind'>;

/** A kind of fact, as data: which facts an event touches, how each begins, and what becomes of it. */
export interface FactDefinition<Content extends Fact> {
  readonly kind: Content['kind'];
  /** Of the facts, without their kind. */
  readonly keys: (event: RecordedEvent) => readonly string[];
  readonly begin: (event: RecordedEvent, key: string, common: Beginning<Content>) => Content;
  /** It may own the fact it is given, and change it. Its `at` is the beginning's unless it says another. */
  readonly steps: ByType<KnownType, [Content], [RecordedEvent], Content>;
  /** Of the steps: those that say what a thing is, and nothing that counts. */
  readonly describing?: readonly KnownType[];
  /** When it counts, from the event that it begins with. Default: the event's time. */
  readonly at?: (event: RecordedEvent) => string;
}

export interface FactReducer<Content extends Fact> {
  readonly types: readonly string[];
  ids(event: RecordedEvent): readonly string[];
  apply(fact: Fact | undefined, event: RecordedEvent, id: string): Content;
}

export const defineFact = <Content extends Fact>(
  definition: FactDefinition<Content>,
): FactReducer<Content> => {
  const { kind, keys, begin, steps, at = ({ time }) => time } = definition;
  const describing = new Set<string>(definition.describing);
  const types: ReadonlySet<string> = new Set(Object.keys(steps));
  const isOwn = (fact: Fact | undefined): fact is Content => fact?.kind === kind;
  const begun = (event: RecordedEvent, id: string): Content => {
    const { projectId, runId } = placeOf(event);
    const placed = { id, kind, projectId: projectId ?? '', runId, at: at(event), own: false };
    const common = { ...placed, organizationId: ownerOf(event.metadata), position: event.position };
    return begin(event, id.slice(kind.length + 1), common);
  };
  return {
    types: [...types],
    ids: (event) => {
      if (!types.has(event.type) || (isInherited(event) && !describing.has(event.type))) return [];
      return keys(event).map((key) => `${kind}/${key}`);
    },
    apply: (fact, event, id) => {
      // The id names the kind: what is stored under it is of this one.
      const before = isOwn(fact) ? fact : begun(event, id);
      const after = askByType(steps, event, [before], [event]) ?? before;
      return { ...after, position: event.position, own: after.own || !isInherited(event) };
    },
  };
};

/** `2026-11-21T14:00:00.000Z`: the hour that a time is in. */
export const hourOf = (time: string): string => `${time.slice(0, 13)}:00:00.000Z`;

/** How many of each. */
export type Counts = Readonly<Record<string, number>>;

export const withOneMore = (counts: Counts, key: string, more = 1): Counts => ({
  ...counts,
  [key]: (Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0) + more,
});
