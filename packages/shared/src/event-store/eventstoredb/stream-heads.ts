import { hashBeforeTheFirst, type RecordedEvent, type StreamName } from '../../events/index.ts';
import type { Reader } from './reading.ts';

/** Where a stream stands as far as this process has seen, and which events it has: what an append is checked against. */
export interface StreamHead {
  /** -1 for a stream without events. */
  revision: number;
  hash: string;
  readonly revisions: Map<string, number>;
  /** When it was last read to its end; compared with when an append was asked for. */
  confirmed: number;
  /** The server said that it stands elsewhere, or nobody knows. */
  stale: boolean;
  /** The append under way: there is one at a time, because the next one's hash covers it. */
  sending: Promise<void> | null;
}

export interface StreamHeads {
  of(stream: StreamName): StreamHead;
  /** Reads what it has not seen yet. */
  refresh(stream: StreamName, head: StreamHead): Promise<void>;
  /** Enters an event that was written or read. */
  advance(head: StreamHead, event: Pick<RecordedEvent, 'id' | 'revision' | 'hash'>): void;
}

/** Ids kept in one generation; there are two, ≈ 100 bytes an id. */
const idsInGeneration = 50_000;

/** `now` counts the appends that were asked for. */
export const streamHeads = (read: Reader['stream'], now: () => number): StreamHeads => {
  let young = new Map<StreamName, StreamHead>();
  let old = new Map<StreamName, StreamHead>();
  let ids = 0;

  const advance: StreamHeads['advance'] = (head, { id, revision, hash }) => {
    head.revision = revision;
    head.hash = hash;
    head.revisions.set(id, revision);
    ids += 1;
  };

  const keep = (stream: StreamName, head: StreamHead): StreamHead => {
    if (ids > idsInGeneration) {
      old = young;
      young = new Map();
      ids = 0;
    }
    ids += head.revisions.size + 1;
    young.set(stream, head);
    return head;
  };

  return {
    advance,
    of: (stream) => young.get(stream) ?? keep(stream, old.get(stream) ?? unseen()),
    refresh: async (stream, head) => {
      const asked = now();
      for await (const events of read(stream, { from: head.revision + 1, asRecorded: true }))
        for (const event of events) advance(head, event);
      head.confirmed = asked;
      head.stale = false;
    },
  };
};

const unseen = (): StreamHead => ({
  revision: -1,
  hash: hashBeforeTheFirst,
  revisions: new Map(),
  confirmed: -1,
  stale: false,
  sending: null,
});
