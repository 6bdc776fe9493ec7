import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { type OrganizationId, ownerOf } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import {
  type ErasedSubject,
  isErased,
  type Subject,
  sealerOf,
  tokenStart,
} from '@partitura/shared/subject-keys';

interface Amount {
  events: number;
  blobs: number;
}

export interface Occurrences {
  /** With something in them that the subject's key has sealed. */
  readonly sealed: Amount;
  /** With an identifier in the clear; null when nobody knows any more what to look for. */
  readonly recorded: Amount | null;
}

export interface Recorded {
  readonly store: EventStore;
  readonly blobs: Pick<BlobStore, 'get'>;
}

/** Names of blobs, wherever they stand: in an event, and in a blob that stands for a conversation. */
const hashes = /(?<=")[0-9a-f]{64}(?=")/g;

/**
 * Looks through all that an organisation has recorded, as it is recorded: the log first, then every blob that is named in it, each once.
 * Keeps the names of the blobs it has seen, and nothing else.
 */
export const occurrencesOf = async (
  subject: Subject | ErasedSubject,
  { store, blobs }: Recorded,
): Promise<Occurrences> => {
  const { organizationId } = subject;
  const token = `⟦${subject.id}:`;
  const known = isErased(subject) ? null : sealerOf([subject]);
  const sealed: Amount = { events: 0, blobs: 0 };
  const recorded: Amount = { events: 0, blobs: 0 };
  const count = (text: string, where: keyof Amount): void => {
    if (text.includes(tokenStart) && text.includes(token)) sealed[where] += 1;
    if (known !== null && known.sealText(text) !== text) recorded[where] += 1;
  };
  const named = new Set<string>();
  for await (const text of textsOf(store, organizationId)) {
    count(text, 'events');
    for (const [hash] of text.matchAll(hashes)) named.add(hash);
  }
  // A set hands out what is added to it meanwhile.
  for (const hash of named) {
    const text = await textIn(blobs, hash);
    if (text === null) continue;
    count(text, 'blobs');
    for (const [other] of text.matchAll(hashes)) named.add(other);
  }
  return { sealed, recorded: known === null ? null : recorded };
};

async function* textsOf(store: EventStore, organizationId: OrganizationId): AsyncGenerator<string> {
  for await (const { events } of store.readAll({ asRecorded: true }))
    for (const { data, metadata } of events)
      if (ownerOf(metadata) === organizationId) yield JSON.stringify([data, metadata.actor]);
}

/** Null for what is no blob, though it looks like the name of one. */
const textIn = async (blobs: Recorded['blobs'], hash: string): Promise<string | null> => {
  try {
    return new TextDecoder().decode(await blobs.get(hash));
  } catch (error) {
    if (error instanceof PartituraError && error.code === 'BLOB_NOT_FOUND') return null;
    throw error;
  }
};
