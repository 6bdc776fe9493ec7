import type { ExpectedRevision } from '../port.ts';
import type { PreparedAppend } from '../prepare-append.ts';
import type { StreamHead } from './stream-heads.ts';

export interface Append extends PreparedAppend {
  readonly expected: ExpectedRevision;
}

export type Decision =
  | { readonly kind: 'write' }
  /** All of it stands there already, the last event at this revision. */
  | { readonly kind: 'known'; readonly revision: number }
  | { readonly kind: 'refuse'; readonly detail?: string };

/** What becomes of an append to a stream that stands like this. */
export const decide = ({ events, expected }: Append, head: StreamHead): Decision => {
  const found = events.map(({ id }) => head.revisions.get(id));
  const [first] = found;
  if (first !== undefined && found.every((revision, index) => revision === first + index))
    return { kind: 'known', revision: first + events.length - 1 };
  if (found.some((revision) => revision !== undefined))
    return { kind: 'refuse', detail: 'some of these events are recorded already' };
  return isAsExpected(expected, head.revision) ? { kind: 'write' } : { kind: 'refuse' };
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
