import type { EventStore } from '../event-store/index.ts';
import { parseStreamName, type RecordedEvent, type StreamName } from '../events/index.ts';
import { asOfHere } from './imported-forks.ts';
import { isForked, type Origin, originIn, originOf, runBehind } from './origins.ts';
import { type InheritedEvent, isInherited, translation } from './translation.ts';

type Pages<Event> = AsyncGenerator<readonly Event[], void, undefined>;

/** What nobody inherits: the fork has a beginning of its own, and a yes to another run is none to it. */
const isLeft = ({ type }: RecordedEvent): boolean => type === 'run.created' || type.startsWith('approval.');

/**
 * What one of a fork's streams has inherited, in order, as the fork's own: see `translation`. Read from the streams it stands in,
 * which may have inherited it themselves.
 */
export async function* pastOf(store: EventStore, stream: StreamName, origin: Origin): Pages<InheritedEvent> {
  const source = translation(origin.runId, origin.parentRunId).stream(stream);
  const last = origin.streams[source] ?? -1;
  const { event: inherit } = translation(origin.parentRunId, origin.runId);
  const revision = parseStreamName(stream).category === 'run' ? 0 : -1;
  for await (const page of readWithPast(store, source)) {
    const before = page.filter((event) => isInherited(event) || event.revision <= last);
    const inherited = before.filter((event) => !isLeft(event)).map((event) => inherit(event, revision));
    if (inherited.length > 0) yield inherited;
    if (before.length < page.length) return;
  }
}

/**
 * A stream with what it has inherited, where its run was forked from another: a run's past stands behind its first event, that of its
 * other streams before theirs. Inherited events have the revision of the event they stand behind, so that a fold of all of them ends at
 * the revision that the log has of the stream. From a later revision on there is nothing inherited.
 */
export async function* readWithPast(
  store: EventStore,
  stream: StreamName,
  { from = 0 }: { readonly from?: number } = {},
): Pages<RecordedEvent> {
  const runId = from <= 0 ? runBehind(stream) : null;
  const origin = runId === null ? null : await originOf(store, runId);
  if (origin) yield* pastOf(store, stream, origin);
  for await (const page of store.readStream(stream, { from })) {
    const at = page.findIndex(isForked);
    const forked = page[at];
    if (!forked || !isForked(forked)) yield page;
    else {
      if (at > 0) yield page.slice(0, at);
      yield* pastOf(store, stream, originIn(forked));
      yield [await asOfHere(store, forked), ...page.slice(at + 1)];
    }
  }
}
