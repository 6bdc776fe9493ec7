import type { RecordedEvent } from '@partitura/shared/events';
import { fromCloudEvent } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { type AgentDocument, agents } from '../agents/agents.ts';
import { foldEvents, type LoadDocuments } from '../folding/fold-events.ts';
import type { Projected, Projection } from '../folding/projection.ts';
import { notFound, type Readers } from '../queries/readers.ts';
import { type RunDocument, runs } from '../runs/runs.ts';
import type { TaskDocument } from '../tasks/task-document.ts';
import { tasks } from '../tasks/tasks.ts';

export interface RunStateAt {
  /** Of the last event that is in it. */
  readonly position: string;
  readonly run: RunDocument;
  readonly tasks: readonly TaskDocument[];
  readonly agents: readonly AgentDocument[];
}

/** Until when: a time, or a position, inclusive. */
type Moment = { readonly position: string } | { readonly time: number };

/** @throws {PartituraError} `BAD_MOMENT` */
const momentOf = (at: string): Moment => {
  if (!at.includes(':')) return { position: at };
  const time = Date.parse(at);
  if (Number.isNaN(time))
    throw new PartituraError('BAD_MOMENT', `"${at}" is neither a position nor a time.`, {
      advice: 'Give a position as an event has it, or a time such as 2026-01-31T12:00:00Z.',
    });
  return { time };
};

/**
 * The run as it stood, folded from its history by the reducers that make the live documents. A time means everything before the
 * first event that is later.
 */
export const stateAt = async (readers: Readers, runId: string, at: string): Promise<RunStateAt> => {
  const moment = momentOf(at);
  const folds = { runs: foldInMemory(runs), tasks: foldInMemory(tasks), agents: foldInMemory(agents) };
  let position: string | null = null;
  for await (const events of historyUntil(readers, runId, moment)) {
    for (const fold of Object.values(folds)) await fold.take(events);
    position = events.at(-1)?.position ?? position;
  }
  const [run] = folds.runs.documents();
  if (!run || position === null) throw notFound('run', `${runId} at ${at}`);
  return { position, run, tasks: folds.tasks.documents(), agents: folds.agents.documents() };
};

async function* historyUntil(
  readers: Readers,
  runId: string,
  moment: Moment,
): AsyncGenerator<readonly RecordedEvent[]> {
  const between = 'position' in moment ? { to: moment.position } : {};
  const isLater = ({ time }: RecordedEvent) => 'time' in moment && Date.parse(time) > moment.time;
  for await (const page of readers.pages('history', { where: { runId }, between })) {
    const events = page.map(({ event }) => fromCloudEvent(event));
    const later = events.findIndex(isLater);
    yield later < 0 ? events : events.slice(0, later);
    if (later >= 0) return;
  }
}

/** The same fold as the engine's, on documents that nobody else sees. */
const foldInMemory = <Content extends Projected>(projection: Projection<Content>) => {
  const documents = new Map<string, Content>();
  const load: LoadDocuments = async (ids) => ids.map((id) => documents.get(id));
  return {
    take: async (events: readonly RecordedEvent[]): Promise<void> => {
      const folded = await foldEvents(projection, events, load);
      // The fold of a projection has its documents and no others.
      for (const [id, document] of folded.documents) documents.set(id, document as Content);
    },
    documents: (): readonly Content[] => [...documents.values()],
  };
};
