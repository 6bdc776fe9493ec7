import type { Examples } from './example.ts';
import { ids, positions, run, task } from './samples.ts';

const side = {
  runId: ids.run,
  projectId: ids.project,
  status: 'completed' as const,
  statusDetail: null,
  workflow: run.workflow,
  model: run.model,
  rehearsal: false,
  forkedFrom: null,
  commit: '3f9a1c2e5b7d4a60c8e1f2a3b4c5d6e7f8091a2b',
  tasks: 9,
  completed: 9,
  deadLettered: 0,
  requirements: 12,
  requirementsMet: 12,
  usage: run.usage,
  tokens: 57_317,
  durationMs: 754_000,
  gates: { passed: 3, failed: 0, warned: 0 },
};

const oneTask = {
  taskId: ids.task,
  title: task.title,
  status: 'completed' as const,
  attempts: 1,
  models: [run.model],
  tokens: 6_100,
  costUsd: 0.03,
  durationMs: 61_000,
  gates: [],
  problem: null,
};

export const comparingExamples = {
  compareRuns: {
    params: { id: ids.run, other: ids.run },
    result: {
      a: side,
      b: side,
      relation: 'same_run',
      difference: { costUsd: 0, tokens: 0, durationMs: 0 },
      tasks: [{ alignedBy: 'key', key: task.key, a: oneTask, b: oneTask, differs: [] }],
      parting: null,
      decisions: { same: 38, different: 0, differences: [] },
      position: positions.now,
    },
  },
} satisfies Examples;
