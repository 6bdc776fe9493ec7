import type { Examples } from './example.ts';
import { agent, approval, ids, node, of, positions, run, task } from './samples.ts';

const params = of(ids.run);
const { usage } = task;

export const momentExamples = {
  getRunState: {
    params,
    query: { at: positions.now },
    result: {
      position: positions.now,
      run,
      branch: { name: run.branch, commit: null },
      tasks: [task],
      agents: [agent],
      budget: {
        limits: run.budget,
        spent: usage,
        reserved: { tokens: 40_000, usd: 0.6 },
        holders: [{ holder: agent.id, tokens: 40_000, usd: 0.6 }],
      },
      plan: {
        artifactId: ids.artifact,
        revision: 1,
        status: 'accepted',
        requirements: 12,
        questions: 0,
        tasks: 9,
        width: 3,
        criticalPath: ['T1', 'T2', 'T4'],
        criticalPathMs: 540_000,
        durationMs: { p50: 780_000, p90: 1_140_000 },
        costUsd: { p50: 1.1, p90: 1.9 },
      },
      approvals: [approval],
      knowledge: {
        total: 1,
        nodes: [
          {
            id: node.id,
            kind: node.kind,
            title: node.title,
            taskId: task.id,
            retracted: false,
            position: positions.now,
          },
        ],
      },
    },
  },
  getRunDiff: {
    params,
    query: { from: positions.earlier, to: positions.now },
    result: {
      runId: ids.run,
      from: positions.earlier,
      to: positions.now,
      changes: [
        {
          subject: 'task',
          id: task.id,
          change: 'begun',
          sentence: 'T4 “Redirect short links” was begun.',
          before: { status: 'ready' },
          after: { status: 'running', attempts: 1 },
          position: positions.now,
        },
      ],
    },
  },
} satisfies Examples;
