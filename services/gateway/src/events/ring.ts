import type { Position, RecordedEvent } from '@partitura/shared/events';

/** The last events of the log, without a gap. */
export interface Ring {
  /** All that was recorded after it, and has been entered, is here. */
  floor(): Position;
  /** In order. `position` is not before the floor. */
  after(position: Position): readonly RecordedEvent[];
  /** What follows on the end. */
  enter(events: readonly RecordedEvent[]): void;
}

export interface RingOptions {
  readonly start: Position;
  readonly mostEvents: number;
  readonly mostBytes: number;
  readonly bytesOf: (event: RecordedEvent) => number;
}

export const ringOf = ({ start, mostEvents, mostBytes, bytesOf }: RingOptions): Ring => {
  let events: RecordedEvent[] = [];
  let floor = start;
  let bytes = 0;

  const tidy = (): void => {
    let over = 0;
    for (const event of events) {
      if (events.length - over <= mostEvents && bytes <= mostBytes) break;
      bytes -= bytesOf(event);
      floor = event.position;
      over += 1;
    }
    events = events.slice(over);
  };

  return {
    floor: () => floor,
    after: (position) => {
      // From the end: who asks has nearly all of them.
      const last = events.findLastIndex((event) => event.position <= position);
      return events.slice(last + 1);
    },
    enter: (added) => {
      for (const event of added) {
        events.push(event);
        bytes += bytesOf(event);
      }
      if (events.length > 2 * mostEvents || bytes > mostBytes) tidy();
    },
  };
};
