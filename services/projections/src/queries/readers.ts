import type { EventStore } from '@partitura/shared/event-store';
import { asPosition } from '@partitura/shared/events';
import type { CallContext } from '@partitura/shared/http';
import {
  type Document,
  largestPage,
  type Page,
  type Query,
  type ReadModels,
} from '@partitura/shared/read-models';
import { PartituraError } from '@partitura/shared/runtime';
import type { AgentDocument } from '../agents/agents.ts';
import type { FactDocument } from '../analytics/facts/facts.ts';
import type { ApprovalDocument } from '../approvals/approvals.ts';
import type { ArtifactDocument } from '../artifacts/artifacts.ts';
import type { AuditDocument } from '../audit/audit.ts';
import type { BudgetDocument } from '../budgets/budgets.ts';
import type { CommentDocument } from '../comments/comments.ts';
import type { CostDocument } from '../costs/costs.ts';
import type { DiscoveryDocument } from '../discoveries/discoveries.ts';
import type { ProjectionEngine } from '../engine/engine.ts';
import { maySee, withinOrganization } from '../folding/tenancy.ts';
import type { HistoryDocument } from '../history/history.ts';
import type { ProjectDocument } from '../projects/projects.ts';
import type { RunDocument } from '../runs/runs.ts';
import type { TaskDocument } from '../tasks/task-document.ts';

/** What stands in each read model. */
export interface Documents {
  projects: ProjectDocument;
  runs: RunDocument;
  tasks: TaskDocument;
  agents: AgentDocument;
  artifacts: ArtifactDocument;
  approvals: ApprovalDocument;
  comments: CommentDocument;
  costs: CostDocument;
  budgets: BudgetDocument;
  discoveries: DiscoveryDocument;
  history: HistoryDocument;
  audit: AuditDocument;
  facts: FactDocument;
}

const named: Readonly<Partial<Record<keyof Documents, string>>> = {
  projects: 'project',
  runs: 'run',
  tasks: 'task',
  agents: 'agent',
  artifacts: 'artifact',
  approvals: 'approval',
  costs: 'run',
  budgets: 'run',
};

/** The read models as the handlers ask them for one caller: what belongs to another organisation is not in them. */
export interface Readers {
  /** Waits, bounded, until the read models have what the caller has seen. */
  upTo(after: string | undefined): Promise<void>;
  /** @throws {PartituraError} `PROJECT_NOT_FOUND`, `RUN_NOT_FOUND`, `TASK_NOT_FOUND` … */
  one<Name extends keyof Documents>(name: Name, id: string): Promise<Documents[Name]>;
  several<Name extends keyof Documents>(
    name: Name,
    ids: readonly string[],
  ): Promise<readonly (Documents[Name] | undefined)[]>;
  list<Name extends keyof Documents>(name: Name, query: Query): Promise<Page<Documents[Name]>>;
  /** All of them, page by page. */
  pages<Name extends keyof Documents>(
    name: Name,
    query: Omit<Query, 'limit' | 'cursor'>,
  ): AsyncIterable<readonly Documents[Name][]>;
}

/** Only projects are ever removed. */
export const isRemoved = (document: Documents[keyof Documents]): boolean =>
  'removed' in document && document.removed;

export const notFound = (what: string, id: string): PartituraError =>
  new PartituraError(`${what.toUpperCase()}_NOT_FOUND`, `There is no ${what} "${id}".`);

export interface ReadersOptions {
  readonly engine: ProjectionEngine;
  readonly readModels: ReadModels;
  readonly store: EventStore;
  readonly waitTimeoutMs: number;
}

export const readersOf = (
  { engine, readModels, store, waitTimeoutMs }: ReadersOptions,
  reader: Pick<CallContext, 'organizationId'>,
): Readers => {
  // A collection holds what its projection made, and nothing else.
  const typed = <Name extends keyof Documents>(_: Name, document: Document) => document as Documents[Name];

  const several: Readers['several'] = async (name, ids) => {
    await engine.fresh();
    const documents = await readModels.getMany(engine.collection(name), ids);
    return documents.map((document) => {
      const found = document && typed(name, document);
      return found && maySee(reader, found) ? found : undefined;
    });
  };
  const list: Readers['list'] = async (name, query) => {
    await engine.fresh();
    const asked = withinOrganization(reader, query);
    const { items, nextCursor } = await readModels.find(engine.collection(name), asked);
    const found = items.map((document) => typed(name, document));
    // All of a page; of a parent that is another's, nothing; of a run's history, without what was parked.
    return { items: found.filter((document) => maySee(reader, document)), nextCursor };
  };

  async function* pages<Name extends keyof Documents>(
    name: Name,
    query: Omit<Query, 'limit' | 'cursor'>,
  ): AsyncGenerator<readonly Documents[Name][]> {
    const whole = { ...query, limit: largestPage };
    let page = await list(name, whole);
    yield page.items;
    while (page.nextCursor !== null) {
      page = await list(name, { ...whole, cursor: page.nextCursor });
      yield page.items;
    }
  }

  return {
    upTo: async (after) => {
      if (after === undefined) return;
      const position = asPosition(after);
      if (engine.position() >= position) return;
      // What the log has never given out is a mistake of the caller, and nothing to wait for.
      if (position > (await store.head()))
        throw new PartituraError('UNKNOWN_POSITION', `The log has not come to "${after}".`, {
          advice: 'Give a position as a command or an event had it.',
        });
      await engine.waitFor(position, waitTimeoutMs);
    },
    one: async (name, id) => {
      const [document] = await several(name, [id]);
      if (!document || isRemoved(document)) throw notFound(named[name] ?? name, id);
      return document;
    },
    several,
    list,
    pages,
  };
};
