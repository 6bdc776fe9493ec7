import type { Workflow } from './definition.ts';

/** Architect → planner → executor → reviewer: a review that finds something goes back to the executor, twice at the most. */
export const architectPlanSwarm: Workflow = {
  name: 'architect-plan-swarm',
  version: 1,
  description:
    'An architect designs, a planner cuts the work, a swarm does it side by side, a reviewer reads the whole.',
  phases: [
    {
      id: 'architect',
      title: 'Architecture',
      act: { kind: 'architecture' },
      model: null,
      maxVisits: 1,
      routes: [],
    },
    {
      id: 'planner',
      title: 'Plan',
      act: { kind: 'plan', approval: false },
      model: null,
      maxVisits: 1,
      routes: [],
    },
    { id: 'executor', title: 'Swarm', act: { kind: 'tasks' }, model: null, maxVisits: 3, routes: [] },
    {
      id: 'reviewer',
      title: 'Review',
      act: {
        kind: 'agent',
        agentType: 'review-code',
        taskKind: 'review',
        title: 'Review the whole of it',
        instructions:
          'Read what the run changed against the requirements. Report each finding with its severity, file and what to do.',
        acceptanceCriteria: ['Every requirement is either met by the change or named as not met.'],
      },
      model: null,
      maxVisits: 3,
      routes: [
        {
          when: {
            all: [
              { fact: 'findings.critical', is: 'atLeast', value: 1 },
              { fact: 'policy.gate', is: 'equal', value: 'block_critical' },
            ],
          },
          to: { phase: 'executor' },
        },
      ],
    },
  ],
  policy: {
    gate: 'block_critical',
    maxAttempts: 3,
    backoff: { baseMs: 1_000, maxMs: 60_000 },
    taskTimeoutMs: 30 * 60_000,
    maxCycles: 3,
    escalation: [],
  },
};
