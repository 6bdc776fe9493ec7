import type { RecordedEvent } from '@partitura/shared/events';
import { type AgentDocument, agents } from '../agents/agents.ts';
import { type ApprovalDocument, approvals } from '../approvals/approvals.ts';
import { type BudgetDocument, budgets } from '../budgets/budgets.ts';
import { type DiscoveryDocument, discoveries } from '../discoveries/discoveries.ts';
import { foldEvents, type LoadDocuments } from '../folding/fold-events.ts';
import type { PastOf } from '../folding/past.ts';
import type { Projected, Projection } from '../folding/projection.ts';
import { type RunDocument, runs } from '../runs/runs.ts';
import type { TaskDocument } from '../tasks/task-document.ts';
import { tasks } from '../tasks/tasks.ts';

interface MemoryFold<Content extends Projected> {
  take(events: readonly RecordedEvent[]): Promise<void>;
  documents(): readonly Content[];
  /** Another fold that goes on from here: what neither of them touches, they share. */
  branch(): MemoryFold<Content>;
}

/** The same fold as the engine's, on documents that nobody else sees. */
const foldInMemory = <Content extends Projected>(
  projection: Projection<Content>,
  pastOf: PastOf,
  documents: Map<string, Content> = new Map(),
): MemoryFold<Content> => {
  const own = new Set<string>();
  // A reducer owns the document it is given, and may change it: what is shared with a checkpoint is copied first.
  const load: LoadDocuments = async (ids) =>
    ids.map((id) => {
      const document = documents.get(id);
      return document === undefined || own.has(id) ? document : structuredClone(document);
    });
  return {
    take: async (events) => {
      const folded = await foldEvents(projection, events, load, pastOf);
      for (const [id, document] of folded.documents) {
        // The fold of a projection has its documents and no others.
        documents.set(id, document as Content);
        own.add(id);
      }
    },
    documents: () => [...documents.values()],
    branch: () => {
      own.clear();
      return foldInMemory(projection, pastOf, new Map(documents));
    },
  };
};

/** Of everything that belongs to a run, as it is stored. */
export interface RunDocuments {
  readonly run: RunDocument;
  readonly budget: BudgetDocument;
  readonly tasks: readonly TaskDocument[];
  readonly agents: readonly AgentDocument[];
  readonly approvals: readonly ApprovalDocument[];
  readonly discoveries: readonly DiscoveryDocument[];
}

/** A run folded from its events by the reducers that make the live documents. */
export interface RunFold {
  /** Of the last event that is in it. */
  readonly position: string | null;
  /** Of its events, in ms since the epoch. */
  readonly latest: number;
  readonly events: number;
  take(events: readonly RecordedEvent[]): Promise<void>;
  /** Null before the run began. */
  documents(): RunDocuments | null;
  /** How many there are, for whoever keeps it. */
  size(): number;
  branch(): RunFold;
}

const newFolds = (pastOf: PastOf) => ({
  runs: foldInMemory(runs, pastOf),
  budgets: foldInMemory(budgets, pastOf),
  tasks: foldInMemory(tasks, pastOf),
  agents: foldInMemory(agents, pastOf),
  approvals: foldInMemory(approvals, pastOf),
  discoveries: foldInMemory(discoveries, pastOf),
});
type Folds = ReturnType<typeof newFolds>;

const branchOf = (folds: Folds): Folds => ({
  runs: folds.runs.branch(),
  budgets: folds.budgets.branch(),
  tasks: folds.tasks.branch(),
  agents: folds.agents.branch(),
  approvals: folds.approvals.branch(),
  discoveries: folds.discoveries.branch(),
});

interface Reached {
  readonly position: string | null;
  readonly latest: number;
  readonly events: number;
}

const foldFrom = (folds: Folds, reached: Reached): RunFold => {
  let { position, latest, events } = reached;
  return {
    get position() {
      return position;
    },
    get latest() {
      return latest;
    },
    get events() {
      return events;
    },
    take: async (taken) => {
      for (const fold of Object.values(folds)) await fold.take(taken);
      position = taken.at(-1)?.position ?? position;
      latest = taken.reduce((last, { time }) => Math.max(last, Date.parse(time)), latest);
      events += taken.length;
    },
    documents: () => {
      const [run] = folds.runs.documents();
      const [budget] = folds.budgets.documents();
      if (!run || !budget) return null;
      return {
        run,
        budget,
        tasks: folds.tasks.documents(),
        agents: folds.agents.documents(),
        approvals: folds.approvals.documents(),
        discoveries: folds.discoveries.documents(),
      };
    },
    size: () => Object.values(folds).reduce((sum, fold) => sum + fold.documents().length, 1),
    branch: () => foldFrom(branchOf(folds), { position, latest, events }),
  };
};

export const emptyRunFold = (pastOf: PastOf): RunFold =>
  foldFrom(newFolds(pastOf), { position: null, latest: Number.NEGATIVE_INFINITY, events: 0 });
