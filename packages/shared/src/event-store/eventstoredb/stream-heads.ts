import type { StreamName } from '../../events/index.ts';
import {
  emptyStream,
  type StreamHead as Remembered,
  type RememberedStreams,
  rememberedStreams,
} from '../remembered-streams.ts';
import type { Reader } from './reading.ts';

/** Where a stream stands as far as this process has seen. */
export interface StreamHead extends Remembered {
  /** When it was last read to its end; compared with when an append was asked for. */
  confirmed: number;
  /** The server said that it stands elsewhere, or nobody knows. */
  stale: boolean;
  /** The append under way: there is one at a time, because the next one's hash covers it. */
  sending: Promise<void> | null;
}

export interface StreamHeads extends RememberedStreams<StreamHead> {
  /** Reads what it has not seen yet. */
  refresh(stream: StreamName, head: StreamHead): Promise<void>;
}

/** `now` counts the appends that were asked for. */
export const streamHeads = (read: Reader['stream'], now: () => number): StreamHeads => {
  const remembered = rememberedStreams<StreamHead>(unseen);
  return {
    ...remembered,
    refresh: async (stream, head) => {
      const asked = now();
      for await (const events of read(stream, { from: head.revision + 1, asRecorded: true }))
        for (const event of events) remembered.advance(head, event);
      head.confirmed = asked;
      head.stale = false;
    },
  };
};

const unseen = (): StreamHead => ({ ...emptyStream(), confirmed: -1, stale: false, sending: null });
