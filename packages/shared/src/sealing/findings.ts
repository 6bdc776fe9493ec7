import type { StorageFinding } from '../event-store/index.ts';
import type { RecordedEvent } from '../events/index.ts';

export const findingKinds = [
  /** It does not say what it said. */
  'changed',
  'removed',
  'inserted',
  'reordered',
  'forged_seal',
  /** Of the store's files: what cannot be read, or not found. */
  'damaged',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One thing that is not as it was recorded, and where. What is not known of the place is null. */
export interface Finding {
  readonly kind: FindingKind;
  readonly eventId: string | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly position: string | null;
  /** One sentence for a person. */
  readonly sentence: string;
}

type Place = Pick<RecordedEvent, 'id' | 'stream' | 'revision'> & { readonly position: string | null };

export const findingAt = (
  kind: FindingKind,
  { id, stream, revision, position }: Place,
  sentence: string,
): Finding => ({ kind, eventId: id, stream, revision, position, sentence });

/** Between two events, of which only the first that may be meant is named. */
export const findingFrom = (
  kind: FindingKind,
  place: { readonly stream: string; readonly revision: number; readonly eventId: string } | null,
  sentence: string,
): Finding => ({
  kind,
  eventId: place?.eventId ?? null,
  stream: place?.stream ?? null,
  revision: place?.revision ?? null,
  position: null,
  sentence,
});

export const ofStorage = ({ position, stream, revision, eventId, detail }: StorageFinding): Finding => ({
  kind: detail.includes('was removed') ? 'removed' : 'damaged',
  eventId,
  stream,
  revision,
  position,
  sentence: detail,
});
