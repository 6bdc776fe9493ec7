import { hashBeforeTheFirst, type RecordedEvent, type StreamName } from '../events/index.ts';

/** Where a stream stands, and which events it has: what an append is checked against. */
export interface StreamHead {
  /** -1 for a stream without events. */
  revision: number;
  hash: string;
  readonly revisions: Map<string, number>;
}

export interface RememberedStreams<Head extends StreamHead> {
  of(stream: StreamName): Head;
  /** Enters an event that was written or read. */
  advance(head: Head, event: Pick<RecordedEvent, 'id' | 'revision' | 'hash'>): void;
  /** Drops all. */
  forget(): void;
}

/** Ids kept in one generation; there are two, ≈ 100 bytes an id. */
const idsInGeneration = 50_000;

/** Keeps the streams that were appended to last, with all their ids; the others are loaded anew. */
export const rememberedStreams = <Head extends StreamHead>(
  load: (stream: StreamName) => Head,
): RememberedStreams<Head> => {
  let young = new Map<StreamName, Head>();
  let old = new Map<StreamName, Head>();
  let ids = 0;

  const keep = (stream: StreamName, head: Head): Head => {
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
    of: (stream) => young.get(stream) ?? keep(stream, old.get(stream) ?? load(stream)),
    advance: (head, event) => {
      enter(head, event);
      ids += 1;
    },
    forget: () => {
      young = new Map();
      old = new Map();
      ids = 0;
    },
  };
};

export const emptyStream = (): StreamHead => ({
  revision: -1,
  hash: hashBeforeTheFirst,
  revisions: new Map(),
});

const enter = (
  head: StreamHead,
  { id, revision, hash }: Pick<RecordedEvent, 'id' | 'revision' | 'hash'>,
): void => {
  head.revision = revision;
  head.hash = hash;
  head.revisions.set(id, revision);
};
