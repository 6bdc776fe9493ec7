import type { Examples } from './example.ts';
import {
  accepted,
  agent,
  approval,
  artifact,
  cost,
  event,
  ids,
  of,
  pageOf,
  positions,
  run,
  task,
} from './samples.ts';

const params = of(ids.run);

export const runExamples = {
  pauseRun: { params, body: { reason: 'Lunch.' }, result: accepted },
  resumeRun: { params, result: accepted },
  cancelRun: { params, body: { reason: 'Not needed any more.' }, result: accepted },
  retryRun: { params, body: { model: 'anthropic/claude-opus-5-5' }, result: accepted },
  replanRun: { params, result: accepted },
  listRuns: { query: { status: 'running' }, result: pageOf(run) },
  getRun: { params, result: run },
  getRunPlan: {
    params,
    result: { summary: 'Nine tasks in three layers.', tasks: [{ key: 'T4', title: task.title }] },
  },
  listRunTasks: { params, query: { status: 'running' }, result: pageOf(task) },
  listRunAgents: { params, result: pageOf(agent) },
  listRunArtifacts: { params, result: pageOf(artifact) },
  listRunApprovals: { params, result: pageOf(approval) },
  getRunCost: { params, result: cost },
  getRunHistory: { params, query: { type: 'run.paused', from: positions.earlier }, result: pageOf(event) },
  getRunState: {
    params,
    query: { at: positions.now },
    result: { position: positions.now, run, tasks: [task], agents: [agent] },
  },
} satisfies Examples;
