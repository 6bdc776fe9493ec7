import type { EventStore } from '../event-store/index.ts';
import { parseStreamName, type RecordedEvent, type StreamName, streamName } from '../events/index.ts';
import { type ImportedHistory, importedHistory } from './imported-history.ts';
import type { BundleManifest } from './manifest.ts';
import { isOverAfter } from './run-events.ts';

const lastOf = async (store: EventStore, stream: StreamName): Promise<RecordedEvent | undefined> =>
  (await Array.fromAsync(store.readStream(stream, { direction: 'backwards', limit: 1 }))).flat()[0];

/** Whether a run was brought in, and has nothing since that happened here. */
export const isAsImported = async (
  store: EventStore,
  runId: string,
  history: ImportedHistory = importedHistory(store),
): Promise<boolean> => {
  const last = await lastOf(store, streamName('run', runId));
  return last !== undefined && (await history.withoutImported([last])).length === 0;
};

/**
 * Whether a run is here only as far as others had inherited it when they were imported: it was brought in, and not to its end. What was
 * done with it here since would have made it a run of this installation.
 */
export const isExcerpt = async (
  store: EventStore,
  runId: string,
  history: ImportedHistory = importedHistory(store),
): Promise<boolean> => {
  if (!(await isAsImported(store, runId, history))) return false;
  let over = false;
  for await (const page of store.readStream(streamName('run', runId)))
    for (const { type } of page) over = isOverAfter(type, over);
  return !over;
};

/** The runs that a bundle has only a part of: those which its run was forked from, as far as they did not come by themselves. */
export const excerptsIn = async (
  store: EventStore,
  { runId, streams }: BundleManifest,
): Promise<readonly string[]> => {
  const history = importedHistory(store);
  const excerpts: string[] = [];
  for (const { stream } of streams) {
    const { category, id } = parseStreamName(stream as StreamName);
    if (category === 'run' && id !== runId && (await isExcerpt(store, id, history))) excerpts.push(id);
  }
  return excerpts;
};
