import type { EventStore } from '@partitura/shared/event-store';
import { asPosition, type RecordedEvent } from '@partitura/shared/events';
import { fromCloudEvent } from '@partitura/shared/http';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import { type DiscoveryDocument, discoveries } from '../discoveries/discoveries.ts';
import { foldEvents } from '../folding/fold-events.ts';
import { pastIn } from '../folding/past.ts';
import type { Readers } from '../queries/readers.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type Moment, momentOf } from './moment.ts';
import { emptyRunFold, type RunDocuments, type RunFold } from './run-fold.ts';

export interface RunStateAt extends RunDocuments {
  /** Of the last event that is in it. */
  readonly position: string;
}

/** Runs as they stood. */
export interface Moments {
  /**
   * Folded from the run's history by the reducers that make the live documents.
   * @throws {PartituraError} `BAD_MOMENT`, `UNKNOWN_POSITION`, `UNKNOWN_TIME`, `MOMENT_BEFORE_RUN`
   */
  stateAt(runId: string, at: string): Promise<RunStateAt>;
}

export interface MomentsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  /** Of the whole installation: whoever asks for a state was looked at before. */
  readonly readers: Pick<Readers, 'pages' | 'upTo'>;
  readonly checkpoints: Checkpoints;
}

const beforeRun = (runId: string, at: string): PartituraError =>
  new PartituraError('MOMENT_BEFORE_RUN', `Run ${runId} had not begun at ${at}.`, {
    advice: `Its history has its moments: partitura history ${runId}`,
  });

export const momentsIn = ({ store, clock, readers, checkpoints }: MomentsOptions): Moments => {
  const pastOf = pastIn(store);

  async function* historyBetween(
    where: Readonly<Record<string, string | readonly string[]>>,
    between: { readonly from?: string; readonly to?: string },
  ): AsyncGenerator<readonly RecordedEvent[]> {
    for await (const page of readers.pages('history', { where, between }))
      yield page.map(({ event }) => fromCloudEvent(event));
  }

  /** All there is up to the moment has to be in the history: a replica may be behind, and a page half written. */
  const reach = async (moment: Moment): Promise<string> => {
    const last = 'position' in moment ? moment.position : await store.head();
    await readers.upTo(last);
    return last;
  };

  const goOn = async (runId: string, fold: RunFold, moment: Moment, to: string): Promise<void> => {
    const from = fold.position;
    const isLater = ({ time }: RecordedEvent) => 'time' in moment && Date.parse(time) > moment.time;
    for await (const page of historyBetween({ runId }, { ...(from === null ? {} : { from }), to })) {
      const events = page.filter(({ position }) => from === null || position > from);
      const later = events.findIndex(isLater);
      await fold.take(later < 0 ? events : events.slice(0, later));
      if (later >= 0) return;
      checkpoints.offer(runId, fold);
    }
  };

  /** What people and other runs said of it since stands outside the run's history. */
  const asKnown = async (
    { run, discoveries: found }: RunDocuments,
    to: string,
  ): Promise<readonly DiscoveryDocument[]> => {
    const [first] = found;
    if (!first) return found;
    const known = new Map<string, DiscoveryDocument>(found.map((document) => [document.id, document]));
    const types = ['knowledge.node_retracted', 'knowledge.node_confirmed'];
    const where = { projectId: run.projectId, type: types };
    for await (const events of historyBetween(where, { from: first.addedAt, to })) {
      const load = async (ids: readonly string[]) => ids.map((id) => known.get(id));
      const folded = await foldEvents(discoveries, events, load);
      // The fold of a projection has its documents and no others.
      for (const [id, document] of folded.documents) known.set(id, document as DiscoveryDocument);
    }
    return [...known.values()];
  };

  return {
    stateAt: async (runId, at) => {
      const moment = await momentOf(store, clock, at);
      const head = await reach(moment);
      const fold = checkpoints.before(runId, moment) ?? emptyRunFold(pastOf);
      await goOn(runId, fold, moment, head);
      const documents = fold.documents();
      const { position } = fold;
      if (!documents || position === null) throw beforeRun(runId, at);
      const to = 'position' in moment ? moment.position : asPosition(position);
      return { ...documents, position, discoveries: await asKnown(documents, to) };
    },
  };
};
