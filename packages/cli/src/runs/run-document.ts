import type { RunResource } from '@partitura/shared/http';

/** `run --json`, as CONTRACT has it and more. Times in milliseconds. */
export const runDocument = (run: RunResource) => ({
  run: run.id,
  project: run.projectId,
  status: run.status,
  statusDetail: run.statusDetail,
  /** The run, and up to where, that this one goes on from; null for one of its own. */
  forkedFrom: run.forkedFrom,
  rehearsal: run.rehearsal,
  model: run.model,
  workflow: run.workflow,
  repo: run.repository?.url ?? null,
  baseBranch: run.repository?.baseBranch ?? null,
  branch: run.branch,
  commit: run.commit,
  tasks: run.tasks,
  requirements: { total: run.requirements, met: run.requirementsMet },
  agents: run.agents,
  usage: run.usage,
  pendingApprovals: run.pendingApprovals,
  durationMs: lengthOf(run),
  position: run.position,
});

const lengthOf = ({ startedAt, endedAt, createdAt }: RunResource): number =>
  (endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt ?? createdAt);
