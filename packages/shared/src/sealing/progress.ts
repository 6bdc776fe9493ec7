import type { EventStore } from '../event-store/index.ts';
import {
  beginning,
  type Position,
  type RecordedEvent,
  recordedIn,
  type SealedPlace,
  type StreamName,
} from '../events/index.ts';
import { emptyLogChain, isSeal, type LogChain, linked, placeOfEvent } from './log-chain.ts';
import { type Seal, sealStream } from './seal.ts';

export interface Sealed {
  readonly seal: Seal | null;
  readonly revision: number;
}

/** As far as the log was read. */
export interface Progress {
  readonly sealed: Sealed;
  readonly position: Position;
  readonly chain: LogChain;
  /** The first event that no seal covers. */
  readonly from: SealedPlace | null;
  readonly through: SealedPlace | null;
}

/** Events that no seal covers. */
export const pending = ({ chain, sealed }: Progress): number => chain.total - (sealed.seal?.total ?? 0);

export const folded = (before: Progress, events: readonly RecordedEvent[], position: Position): Progress => {
  let { chain, from, through } = before;
  for (const event of events) {
    if (isSeal(event)) continue;
    chain = linked(chain, event);
    through = placeOfEvent(event);
    from ??= through;
  }
  return { ...before, chain, from, through, position };
};

/** Where the last seal says the log was. */
export const lastProgress = async (store: EventStore): Promise<Progress> => {
  const last = { direction: 'backwards', limit: 1 } as const;
  const pages = await Array.fromAsync(store.readStream(sealStream, last));
  const [event] = recordedIn('seal', pages.flat());
  const nothing = { seal: null, revision: -1 };
  if (!event)
    return { sealed: nothing, position: beginning, chain: emptyLogChain, from: null, through: null };
  const seal: Seal = event.data;
  const { total, head, through } = seal;
  return {
    sealed: { seal, revision: event.revision },
    position: await positionOf(store, through),
    chain: { total, head },
    from: null,
    through,
  };
};

const positionOf = async (store: EventStore, { stream, revision }: SealedPlace): Promise<Position> => {
  const reach = { from: revision, limit: 1, asRecorded: true };
  const [page] = await Array.fromAsync(store.readStream(stream as StreamName, reach));
  const event = page?.[0];
  if (event) return event.position;
  throw new RangeError(`The last seal names revision ${revision} of ${stream}, which the log does not have.`);
};
