import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, sha256 } from '../canonical/index.ts';
import type { Category, DomainEvent, RecordedEvent, StreamName } from '../events/index.ts';
import type { Divergence, ReplayInput, ReplayPart, Said } from './report.ts';

/** How an event comes to be in a replay. */
export type Origin = 'decision' | 'outcome' | 'taken';

/** What would be said at one place, on what, and where that comes from. */
export interface Replayed {
  readonly event: DomainEvent;
  readonly origin: Origin;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** The books of one stream that is replayed. */
export interface StreamAccount {
  /** Whether these are the recorded events, without a word on it. */
  fits(recorded: readonly RecordedEvent[], replayed: readonly Replayed[]): boolean;
  /**
   * Enters the recorded events with what is decided in their place. Answers whether they are the same.
   * @param replayed as many as are recorded, or a divergence at the first that is missing or too many
   */
  enter(
    recorded: readonly RecordedEvent[],
    replayed: readonly Replayed[],
    on: () => ReplayInput,
    refusal?: Refusal | null,
  ): boolean;
}

export interface Account {
  open(stream: StreamName, category: Category): StreamAccount;
  part(run: string): ReplayPart;
}

interface Count {
  streams: number;
  events: number;
  decisions: number;
  outcomes: number;
  taken: number;
}

const counted = { decision: 'decisions', outcome: 'outcomes', taken: 'taken' } as const;

const textOf = ({ type, data }: DomainEvent): string => canonicalJson([type, data]);

/** Most are the same, which is seen at half the price of their texts; how something absent is written down decides for the others. */
const areSame = (was: DomainEvent, is: DomainEvent): boolean =>
  was === is || (was.type === is.type && isDeepStrictEqual(was.data, is.data)) || textOf(was) === textOf(is);

/** The events with what would be said in their place, up to the first at which one differs from the other; null for none. */
const firstDifference = (
  recorded: readonly RecordedEvent[],
  replayed: readonly Replayed[],
): number | null => {
  for (let at = 0; at < Math.max(recorded.length, replayed.length); at += 1) {
    const [was, is] = [recorded[at], replayed[at]?.event];
    if (!was || !is || !areSame(was, is)) return at;
  }
  return null;
};

const saidBy = (event: DomainEvent | undefined): Said | null =>
  event ? { type: event.type, data: event.data } : null;

const placeOf = (event: RecordedEvent | null): Pick<Divergence, 'revision' | 'position' | 'time'> =>
  event === null
    ? { revision: 0, position: '', time: '' }
    : { revision: event.revision, position: event.position, time: event.time };

/** What a replay comes to. The first divergence is that of the lowest position, whatever the order the streams are replayed in. */
export const createAccount = (): Account => {
  const counts = new Map<Category, Count>();
  const digests = new Map<StreamName, string>();
  let divergences = 0;
  let first: Divergence | null = null;
  let from: string | null = null;
  let to: string | null = null;

  const diverge = (found: Divergence): void => {
    divergences += 1;
    if (first === null || found.position < first.position) first = found;
  };

  const open = (stream: StreamName, category: Category): StreamAccount => {
    const count = counts.get(category) ?? { streams: 0, events: 0, decisions: 0, outcomes: 0, taken: 0 };
    counts.set(category, count);
    count.streams += 1;
    let digest = sha256(stream);
    let last: RecordedEvent | null = null;

    const add = (event: RecordedEvent, { event: said, origin }: Replayed): void => {
      count.events += 1;
      count[counted[origin]] += 1;
      digest = sha256(`${digest}\n${textOf(said)}`);
      digests.set(stream, digest);
      last = event;
      if (from === null || event.time < from) from = event.time;
      if (to === null || event.time > to) to = event.time;
    };

    const nameOf = (
      was: RecordedEvent | undefined,
      is: DomainEvent | undefined,
      on: ReplayInput,
      refusal: Refusal | null,
    ): Divergence => {
      const place = placeOf(was ?? last);
      const revision = was || last === null ? place.revision : place.revision + 1;
      return { stream, ...place, revision, recorded: saidBy(was), decided: saidBy(is), refusal, input: on };
    };

    return {
      fits: (recorded, replayed) => firstDifference(recorded, replayed) === null,
      enter: (recorded, replayed, on, refusal = null) => {
        const different = firstDifference(recorded, replayed);
        const agreed = different ?? recorded.length;
        recorded.forEach((event, at) => {
          const said = at <= agreed ? replayed[at] : undefined;
          add(event, said ?? { event, origin: 'taken' });
          if (at === different) diverge(nameOf(event, replayed[at]?.event, on(), refusal));
        });
        if (different !== null && different >= recorded.length)
          diverge(nameOf(undefined, replayed[different]?.event, on(), refusal));
        return different === null;
      },
    };
  };

  return {
    open,
    part: (run) => ({
      run,
      counts: [...counts].map(([category, count]) => ({ category, ...count })),
      divergences,
      divergence: first,
      hash: sha256(
        [...digests]
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map((pair) => pair.join(' '))
          .join('\n'),
      ),
      from,
      to,
    }),
  };
};

/** How many of the recorded events this settles: those that agree, and the first that does not. At least one. */
export const agreedUpTo = (
  recorded: readonly RecordedEvent[],
  replayed: readonly Replayed[],
  fits: StreamAccount['fits'],
): number => {
  const most = Math.max(1, Math.min(recorded.length, replayed.length));
  for (let at = 0; at < most - 1; at += 1)
    if (!fits(recorded.slice(at, at + 1), replayed.slice(at, at + 1))) return at + 1;
  return most;
};
