import { addUsage, type Budget, noUsage, type RecordedEvent, type Usage } from '@partitura/shared/events';
import { type ProjectResource, placeOf } from '@partitura/shared/http';
import { defineProjection, type Owned } from '../folding/projection.ts';
import { presentBudget, presentUsage } from '../usage/usage.ts';

/** A project as it is stored: the resource, with money in whole micro-dollars. */
export interface ProjectDocument extends Omit<ProjectResource, 'usage' | 'budget'>, Owned {
  readonly usage: Usage;
  readonly budget: Budget | null;
  /** Not found any more, nor listed. The document stays, for what its runs still say. */
  readonly removed: boolean;
}

const projectIds = (event: RecordedEvent): readonly string[] => {
  const { projectId } = placeOf(event);
  return projectId === null ? [] : [projectId];
};

/** Of its own stream: what `If-Match` is compared with. Events of its runs change the document, not the revision. */
const said = (event: RecordedEvent) => ({ revision: event.revision, updatedAt: event.time });

const spend = (document: ProjectDocument, { usage }: { readonly usage: Usage }): ProjectDocument => ({
  ...document,
  usage: addUsage(document.usage, usage),
});

/** Runs of a project may go on side by side; the project shows where the last one stands. */
const ofLastRun = (
  document: ProjectDocument,
  event: RecordedEvent,
  status: ProjectDocument['status'],
): ProjectDocument =>
  document.status === 'archived' || placeOf(event).runId !== document.lastRunId
    ? document
    : { ...document, status, updatedAt: event.time };

const afterRun = (status: string): ProjectDocument['status'] => {
  if (status === 'completed') return 'completed';
  return status === 'cancelled' ? 'ready' : 'failed';
};

export const projects = defineProjection<ProjectDocument>({
  name: 'projects',
  version: 4,
  indexes: [['createdAt'], ['status', 'createdAt'], ['removed']],
  keys: projectIds,
  begins: {
    'project.created': (data, event, id) => ({
      id,
      name: data.name,
      status: 'ready',
      title: data.prd.title,
      repository: data.repository,
      workflow: data.workflow,
      phase: null,
      prdRevision: 1,
      prd: { name: data.prd.name, words: data.prd.words, artifactId: data.prd.content.hash },
      budget: data.budget,
      usage: noUsage,
      removed: false,
      runs: 0,
      lastRunId: null,
      createdAt: event.time,
      updatedAt: event.time,
      revision: event.revision,
      position: event.position,
    }),
  },
  changes: {
    'project.prd_revised': (document, { prd, prdRevision }, event) => ({
      ...document,
      ...said(event),
      title: prd.title,
      prdRevision,
      prd: { name: prd.name, words: prd.words, artifactId: prd.content.hash },
    }),
    'project.configured': (document, { name, budget, workflow }, event) => ({
      ...document,
      ...said(event),
      name: name ?? document.name,
      budget: budget === undefined ? document.budget : budget,
      workflow: workflow ?? document.workflow,
    }),
    'project.removed': (document, _, event) => ({ ...document, ...said(event), removed: true }),
    'project.run_requested': (document, { runId }, event) => ({
      ...document,
      ...said(event),
      status: 'running',
      phase: null,
      runs: document.runs + 1,
      lastRunId: runId,
    }),
    'project.run_settled': (document, { runId, status }, event) => ({
      ...document,
      ...said(event),
      status:
        runId === document.lastRunId && document.status !== 'archived' ? afterRun(status) : document.status,
    }),
    'project.phase_changed': (document, { runId, phase }, event) => ({
      ...document,
      ...said(event),
      phase: runId === document.lastRunId ? phase : document.phase,
    }),
    'project.completed': (document, { runId }, event) => ({
      ...document,
      ...said(event),
      status: runId === document.lastRunId && document.status !== 'archived' ? 'completed' : document.status,
    }),
    'project.archived': (document, _, event) => ({ ...document, ...said(event), status: 'archived' }),
    'run.started': (document, _, event) => ofLastRun(document, event, 'running'),
    'run.paused': (document, _, event) => ofLastRun(document, event, 'paused'),
    'run.resumed': (document, _, event) => ofLastRun(document, event, 'running'),
    'model.answered': spend,
    'model.failed': spend,
  },
});

export const presentProject = ({
  removed: _,
  organizationId: __,
  ...document
}: ProjectDocument): ProjectResource => ({
  ...document,
  usage: presentUsage(document.usage),
  budget: presentBudget(document.budget),
});
