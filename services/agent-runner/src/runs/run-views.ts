import type { BlobStore } from '@partitura/shared/blobs';
import { asRunId, type RecordedEvent, streamName } from '@partitura/shared/events';
import { isForked, isInherited, readWithPast } from '@partitura/shared/forking';
import { type PlanDocument, planDocument } from '@partitura/shared/planning';
import { type Following, type FollowingDependencies, following } from './following.ts';
import { emptyView, evolveView, isRunEvent, type RunView } from './run-view.ts';

/**
 * The runs that this process has to do with, each folded once, and kept up to date by one subscription for all of them: a
 * thousand agents of a run look at one view.
 */
export interface RunViews extends Following {
  /** As of now at least up to what holds the attempt or the task: reads on when the view has not heard of it yet. */
  load(runId: string, knows?: (view: RunView) => boolean): Promise<RunView>;
  /** Told when the run is paused, resumed, over, or has decided on a budget. Answers how to stop it. */
  watch(runId: string, listener: () => void): () => void;
  /** The accepted plan; null when the run has none. */
  plan(view: RunView): Promise<PlanDocument | null>;
}

/** What agents at work have to hear of at once; they look everything else up when they need it. */
const noticed: ReadonlySet<string> = new Set([
  'run.paused',
  'run.resumed',
  'run.cancelled',
  'run.stopped',
  'run.failed',
  'task.cancelled',
  'task.rejected',
  'task.interrupted',
  'budget.reserved',
  'budget.denied',
]);

interface Entry {
  readonly view: RunView;
  reading: Promise<void> | null;
  readonly listeners: Set<() => void>;
  plan: { readonly hash: string; readonly document: Promise<PlanDocument> } | null;
}

export const runViews = (dependencies: FollowingDependencies & { readonly blobs: BlobStore }): RunViews => {
  const { store, blobs } = dependencies;
  const entries = new Map<string, Entry>();

  const apply = (entry: Entry, event: RecordedEvent): boolean => {
    if (!isInherited(event) && event.revision <= entry.view.revision) return false;
    if (!isRunEvent(event)) return false;
    evolveView(entry.view, event, event.metadata);
    entry.view.revision = event.revision;
    return true;
  };

  const readOn = async (entry: Entry): Promise<void> => {
    const stream = streamName('run', entry.view.runId);
    for await (const page of readWithPast(store, stream, { from: entry.view.revision + 1 })) {
      for (const event of page) apply(entry, event);
    }
  };

  /** One reader per run, however many ask. */
  const refresh = (entry: Entry): Promise<void> => {
    entry.reading ??= readOn(entry).finally(() => {
      entry.reading = null;
    });
    return entry.reading;
  };

  const entryOf = (runId: string): Entry => {
    const known = entries.get(runId);
    if (known) return known;
    const created: Entry = { view: emptyView(runId), reading: null, listeners: new Set(), plan: null };
    entries.set(runId, created);
    return created;
  };

  const load = async (runId: string, knows: (view: RunView) => boolean = () => true): Promise<RunView> => {
    const entry = entryOf(runId);
    // Twice: who joins a reading that began before the event was there has to read once more.
    for (let tries = 0; tries < 2 && (entry.view.revision < 0 || !knows(entry.view)); tries += 1)
      await refresh(entry);
    return entry.view;
  };

  const take = (entry: Entry, event: RecordedEvent): void => {
    apply(entry, event);
    if (noticed.has(event.type)) for (const listener of [...entry.listeners]) listener();
    const over = entry.view.status === 'cancelled' || entry.view.status === 'ended';
    if (over && entry.listeners.size === 0) entries.delete(entry.view.runId);
  };

  /** A run that begins is taken in as it comes: a plan of a thousand tasks need not be read again for its first agent. */
  const entryFor = ({ stream, revision }: RecordedEvent): Entry | undefined => {
    const runId = stream.slice('run-'.length);
    return revision === 0 ? entryOf(runId) : entries.get(runId);
  };

  /** Null when there is nothing to wait for: a turn for each event would let those who need them come first, and read them all again. */
  const see = (event: RecordedEvent): Promise<void> | null => {
    const entry = entryFor(event);
    if (!entry) return null;
    // What a fork inherited stands in no event that comes.
    if (event.revision > entry.view.revision + 1 || isForked(event))
      return refresh(entry).then(() => take(entry, event));
    take(entry, event);
    return null;
  };

  return {
    ...following(dependencies, { name: 'agent-runner.runs', filter: { categories: ['run'] }, take: see }),
    load,
    watch: (runId, listener) => {
      const entry = entryOf(runId);
      entry.listeners.add(listener);
      return () => {
        entry.listeners.delete(listener);
      };
    },
    plan: async (view) => {
      if (view.plan === null) return null;
      const entry = entryOf(asRunId(view.runId));
      const { hash } = view.plan;
      if (entry.plan?.hash !== hash) entry.plan = { hash, document: readPlan(blobs, hash) };
      return entry.plan.document;
    },
  };
};

const readPlan = async (blobs: BlobStore, hash: string): Promise<PlanDocument> =>
  planDocument.parse(JSON.parse(new TextDecoder().decode(await blobs.get(hash))));
