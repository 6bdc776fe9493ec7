import type { Examples } from './example.ts';
import {
  accepted,
  agent,
  approval,
  artifact,
  cost,
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
  getRunTimeline: {
    params,
    result: pageOf({
      taskId: task.id,
      key: task.key,
      title: task.title,
      kind: task.kind,
      phase: task.phase,
      status: task.status,
      dependsOn: task.dependsOn,
      startedAt: agent.startedAt,
      endedAt: null,
      agents: [
        {
          agentId: agent.id,
          attempt: agent.attempt,
          type: agent.type,
          model: agent.model,
          status: agent.status,
          startedAt: agent.startedAt,
          endedAt: agent.endedAt,
        },
      ],
    }),
  },
  getRunVerification: {
    params,
    result: {
      runId: ids.run,
      requirements: [
        {
          id: 'R3',
          sourceId: 'FR-1.2',
          text: 'An address is refused when it is not a valid URL.',
          line: 18,
          met: true,
          taskIds: [task.id],
        },
      ],
      tasks: [
        {
          taskId: task.id,
          key: task.key,
          title: task.title,
          status: 'completed',
          commit: '3f9a1c2e5b7d4a60c8e1f2a3b4c5d6e7f8091a2b',
          verifiedBy: 'checks',
          agentId: agent.id,
          approvedBy: null,
          checks: [
            { name: 'test', command: 'npm test', outcome: 'passed', passed: 14, failed: 0, artifactId: null },
          ],
          criteria: [{ criterion: 'A bad URL is refused.', met: true, evidence: 'links.test.js' }],
          gates: [],
        },
      ],
      position: positions.now,
    },
  },
  getRunPlan: {
    params,
    result: { summary: 'Nine tasks in three layers.', tasks: [{ key: 'T4', title: task.title }] },
  },
  listRunTasks: { params, query: { status: 'running' }, result: pageOf(task) },
  listRunAgents: { params, result: pageOf(agent) },
  listRunArtifacts: { params, result: pageOf(artifact) },
  listRunApprovals: { params, result: pageOf(approval) },
  getRunCost: { params, result: cost },
} satisfies Examples;
