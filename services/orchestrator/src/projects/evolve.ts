import { type EventMetadata, type Ownership, ownershipIn, type ProjectEvent } from '@partitura/shared/events';
import type { Ending, Project, ProjectState } from './state.ts';

/** What a project’s stream says, event by event. Changes the state it is given. */
export const evolveProject = (
  state: ProjectState,
  event: ProjectEvent,
  metadata: EventMetadata,
): ProjectState => {
  if (event.type === 'project.created') return created(event.data, ownershipIn(metadata));
  if (state !== null) apply(state, event);
  return state;
};

const created = (
  data: Extract<ProjectEvent, { type: 'project.created' }>['data'],
  owner: Ownership,
): Project => ({
  id: data.projectId,
  owner,
  name: data.name,
  prd: data.prd,
  prdRevision: 1,
  repository: data.repository,
  stack: data.stack,
  constraints: data.constraints,
  successCriteria: data.successCriteria,
  budget: data.budget,
  workflow: data.workflow,
  archived: false,
  removed: false,
  live: new Map(),
  requested: new Set(),
  phases: new Map(),
  ended: new Map(),
  spent: { tokens: 0, microUsd: 0 },
});

const apply = (project: Project, event: Exclude<ProjectEvent, { type: 'project.created' }>): void => {
  switch (event.type) {
    case 'project.prd_revised':
      project.prd = event.data.prd;
      project.prdRevision = event.data.prdRevision;
      return;
    case 'project.configured':
      configure(project, event.data);
      return;
    case 'project.run_requested':
      project.live.set(event.data.runId, event.data.reserved);
      project.requested.add(event.data.runId);
      return;
    case 'project.run_reopened':
      project.live.set(event.data.runId, event.data.reserved);
      return;
    case 'project.run_settled':
      project.live.delete(event.data.runId);
      settle(project, event.data);
      return;
    case 'project.archived':
      project.archived = true;
      return;
    case 'project.removed':
      project.removed = true;
      return;
    case 'project.phase_changed':
      project.phases.set(event.data.runId, event.data.phase);
      return;
    case 'project.completed':
      return;
  }
};

const configure = (
  project: Project,
  data: Extract<ProjectEvent, { type: 'project.configured' }>['data'],
): void => {
  project.name = data.name ?? project.name;
  project.budget = data.budget === undefined ? project.budget : data.budget;
  project.workflow = data.workflow ?? project.workflow;
  project.stack = data.stack ?? project.stack;
  project.constraints = data.constraints ?? project.constraints;
  project.successCriteria = data.successCriteria ?? project.successCriteria;
};

const settle = (project: Project, { runId, ...spent }: Ending & { readonly runId: string }): void => {
  const before = project.ended.get(runId);
  project.ended.set(runId, spent);
  project.spent = {
    tokens: project.spent.tokens + spent.tokens - (before?.tokens ?? 0),
    microUsd: project.spent.microUsd + spent.microUsd - (before?.microUsd ?? 0),
  };
};
