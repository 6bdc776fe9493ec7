import type { RecordedEvent } from '../../events/index.ts';
import type { Selection } from './places.ts';

/** An event as a read returns it, with the numbers it is selected by. */
export interface RecentEvent {
  readonly event: RecordedEvent;
  readonly kind: number;
  readonly run: number | null;
  /** Of its body. */
  readonly characters: number;
}

/**
 * The end of the log as objects. Whoever follows the log wants what was just written, and there are many of them: they share the
 * event that was appended instead of reading and parsing its row each for himself. Nobody may change it. While nobody follows,
 * nothing is kept: that objects live on costs the collector an eighth of an append.
 */
export interface Recent {
  /** Somebody follows; answers how to say that he does not any more. */
  follow(): () => void;
  isFollowed(): boolean;
  /** Durable events that follow on those before. `position` is the first one's. */
  enter(position: number, events: readonly RecentEvent[]): void;
  /** What comes after a position, in order; null when that is further back than is remembered. */
  after(position: number, selection: Selection | null, limit: number): readonly RecordedEvent[] | null;
  /** Somebody else wrote, or a transaction failed: only the file knows. */
  forget(): void;
}

const mostEvents = 4_096;
/** ≈ 8 MiB as objects. */
const mostCharacters = 2_000_000;

export const recentEvents = (): Recent => {
  let events: RecentEvent[] = [];
  /** Where in `events` it begins: what stands before is over. */
  let start = 0;
  let characters = 0;
  /** Of the event at `start`. */
  let first = Number.POSITIVE_INFINITY;
  let followers = 0;

  const forget = (): void => {
    events = [];
    start = 0;
    characters = 0;
    first = Number.POSITIVE_INFINITY;
  };

  const tidy = (): void => {
    while (events.length - start > mostEvents || characters > mostCharacters) {
      characters -= events[start]?.characters ?? 0;
      start += 1;
      first += 1;
    }
    if (start < mostEvents / 4 && start < events.length) return;
    events = events.slice(start);
    start = 0;
  };

  return {
    follow: () => {
      followers += 1;
      return () => {
        followers -= 1;
        if (followers === 0) forget();
      };
    },
    isFollowed: () => followers > 0,
    enter: (position, added) => {
      if (first === Number.POSITIVE_INFINITY) first = position;
      for (const one of added) {
        events.push(one);
        characters += one.characters;
      }
      tidy();
    },
    after: (position, selection, limit) => {
      if (position + 1 < first) return null;
      const found: RecordedEvent[] = [];
      for (let at = start + position + 1 - first; at < events.length && found.length < limit; at += 1) {
        const one = events[at];
        if (one && isSelected(one, selection)) found.push(one.event);
      }
      return found;
    },
    forget,
  };
};

const isSelected = ({ kind, run }: RecentEvent, selection: Selection | null): boolean =>
  selection === null ||
  ((selection.run === null || selection.run === run) &&
    (selection.kinds === null || selection.kinds.includes(kind)));
