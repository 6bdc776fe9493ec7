import type { DomainEvent, EventMetadata, Position, RecordedEvent } from '../events/index.ts';

/** A stream as others saw it while it grew. Only forwards: what it was is not kept. */
export interface Timeline<View> {
  /** As of the last event that was reached. The same object may be changed by the next step. */
  readonly view: () => View;
  /** Up to the position, inclusive. */
  readonly reach: (position: Position) => void;
  /** One event on, if that is not beyond the position. */
  readonly step: (until: Position) => boolean;
}

export const timeline = <View, Event extends DomainEvent>(
  events: readonly (Event & Pick<RecordedEvent, 'position' | 'metadata'>)[],
  initial: View,
  evolve: (view: View, event: Event, metadata: EventMetadata) => View,
): Timeline<View> => {
  let view = initial;
  let next = 0;
  const step = (until: Position): boolean => {
    const event = events[next];
    if (!event || event.position > until) return false;
    view = evolve(view, event, event.metadata);
    next += 1;
    return true;
  };
  return {
    view: () => view,
    step,
    reach: (position) => {
      while (step(position));
    },
  };
};

/**
 * Whoever decided had looked at another stream between its last word and this one, and nobody wrote down when. So it is decided as of each
 * moment at which it may have been, from the first on, until that comes to what was recorded; else what the last one comes to.
 */
export const asOfSomeMoment = async <View, Decision>(
  seen: Timeline<View>,
  between: { readonly from: Position; readonly to: Position },
  decide: () => Promise<Decision>,
  fits: (decision: Decision) => boolean,
): Promise<Decision> => {
  seen.reach(between.from);
  let decision = await decide();
  while (!fits(decision) && seen.step(between.to)) decision = await decide();
  return decision;
};
