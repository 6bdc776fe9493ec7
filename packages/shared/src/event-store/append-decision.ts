import { ConcurrencyError } from './errors.ts';
import type { ExpectedRevision } from './port.ts';
import type { PreparedAppend } from './prepare-append.ts';

export interface Append extends PreparedAppend {
  readonly expected: ExpectedRevision;
  /** As another store recorded them: maybe not in their types' current versions. */
  readonly restored?: true;
}

/** What an append is checked against. */
export interface StreamContent {
  /** -1 for a stream without events. */
  readonly revision: number;
  /** By event id. */
  readonly revisions: ReadonlyMap<string, number>;
}

export type Decision =
  | { readonly kind: 'write' }
  /** All of it stands there already, the last event at this revision. */
  | { readonly kind: 'known'; readonly revision: number }
  | { readonly kind: 'refuse'; readonly detail?: string };

/** What becomes of an append to a stream that stands like this: the rule of every adapter. */
export const decide = ({ events, expected }: Append, stream: StreamContent): Decision => {
  const found = recordedBefore(events, stream);
  if (found === 'some') return { kind: 'refuse', detail: 'some of these events are recorded already' };
  if (found !== 'none') return { kind: 'known', revision: found };
  return isAsExpected(expected, stream.revision) ? { kind: 'write' } : { kind: 'refuse' };
};

/** The revision of the last of the events when all of them stand one after the other in the stream. */
const recordedBefore = (events: Append['events'], { revisions }: StreamContent): number | 'none' | 'some' => {
  let previous: number | undefined;
  let found = 0;
  for (const { id } of events) {
    const revision = revisions.get(id);
    if (revision === undefined) continue;
    if (previous !== undefined && revision !== previous + 1) return 'some';
    previous = revision;
    found += 1;
  }
  if (previous === undefined) return 'none';
  return found === events.length ? previous : 'some';
};

const isAsExpected = (expected: ExpectedRevision, revision: number): boolean => {
  switch (expected) {
    case 'any':
      return true;
    case 'no_stream':
      return revision === -1;
    case 'stream_exists':
      return revision >= 0;
    default:
      return revision === expected && revision >= 0;
  }
};

/** What the appender of a refused append is told. */
export const refused = (
  { stream, expected }: Append,
  { revision }: StreamContent,
  detail?: string,
): ConcurrencyError =>
  new ConcurrencyError(stream, expected, revision === -1 ? 'no_stream' : revision, detail);
