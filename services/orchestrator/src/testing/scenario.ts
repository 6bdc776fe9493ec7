import type { Budget, EventMetadata, RunConfiguration, RunEvent } from '@partitura/shared/events';
import { noUsage } from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';
import { workTask } from '@partitura/shared/planning/testing';
import { decideFully } from '@partitura/shared/processing';
import { architectPlanSwarm, type Workflow } from '@partitura/shared/workflows';
import type { RunCommand } from '../runs/commands.ts';
import { runDecider } from '../runs/decider.ts';
import type { Run, RunState } from '../runs/state.ts';

export const runId = 'r_test';

const blob = { hash: 'a'.repeat(64), size: 1, preview: '', contentType: 'application/json' };

export const limit = (partial: Partial<Budget>): Budget => ({
  microUsd: null,
  tokens: null,
  wallMs: null,
  onExceed: 'stop',
  thresholds: [0.5, 0.8, 1],
  ...partial,
});

/** Planning and swarm only: what most tests are about. */
export const planAndSwarm: Workflow = {
  ...architectPlanSwarm,
  name: 'plan-and-swarm',
  phases: architectPlanSwarm.phases.filter(({ id }) => id === 'planner' || id === 'executor'),
};

export const configuration = (partial: Partial<RunConfiguration> = {}): RunConfiguration => ({
  prd: { name: 'PRD.md', title: 'A product', words: 10, content: blob },
  repository: { url: '/somewhere', baseBranch: 'main' },
  branch: `partitura/${runId}`,
  workflow: planAndSwarm,
  model: 'rehearsal/rehearsal',
  fallbackModels: [],
  rehearsal: true,
  maxAgents: 4,
  budget: null,
  sandbox: 'required',
  stack: [],
  constraints: [],
  successCriteria: [],
  step: false,
  planOnly: false,
  ...partial,
});

/** A small piece of work; what a test is about is said in `partial`. */
export const task = (
  key: string,
  dependsOn: readonly string[] = [],
  partial: Partial<TaskDefinition> = {},
): TaskDefinition =>
  workTask(key, dependsOn, {
    complexity: 2,
    estimatedTokens: 1_000,
    acceptanceCriteria: [],
    requirementIds: [],
    ...partial,
  });

export const idOf = (key: string): string => `${runId}.${key}`;
export const attemptOf = (key: string, attempt = 1): string => `${idOf(key)}.a${attempt}`;

type Untimed = RunCommand extends infer One ? (One extends RunCommand ? Omit<One, 'at'> : never) : never;

/** Of whoever tells in these tests. */
export const testMetadata: EventMetadata = {
  source: '/test',
  actor: 'user:test',
  correlationId: 'test',
  causationId: null,
};

/** A run that is told commands one after the other, at a time that the test moves. */
export const scenario = (partial: Partial<RunConfiguration> = {}) => {
  let state: RunState = runDecider.initial();
  let now = 1_000_000;
  const log: RunEvent[] = [];

  const tell = (command: Untimed): readonly RunEvent[] => {
    const decision = decideFully(runDecider, { ...command, at: now } as RunCommand, state, testMetadata);
    state = decision.state;
    log.push(...decision.events);
    return decision.events;
  };

  const run = (): Run => {
    if (state === null) throw new Error('The run was not started.');
    return state;
  };

  return {
    tell,
    run,
    log,
    wait: (ms: number): readonly RunEvent[] => {
      now += ms;
      return tell({ kind: 'pass_time' });
    },
    start: () => tell({ kind: 'start', runId, projectId: 'p_test', configuration: configuration(partial) }),
    /** The planner proposes these tasks and is done. */
    plan: (tasks: readonly TaskDefinition[], requirementIds: readonly string[] = []) => [
      ...tell({ kind: 'accept_plan', plan: blob, planRevision: 1, requirementIds, tasks }),
      ...tell({ kind: 'finish_planning', phase: 'planner', visit: run().phase?.visit ?? 1, usage: noUsage }),
    ],
    /** The agent did its work and it was merged. */
    complete: (key: string, attempt = 1): readonly RunEvent[] => {
      const attemptId = attemptOf(key, attempt);
      return [
        ...tell({ kind: 'start_attempt', attemptId }),
        ...tell({
          kind: 'finish_attempt',
          attemptId,
          branch: `task/${attemptId}`,
          commit: 'c1',
          usage: noUsage,
          requirementIds: [],
          findings: [],
        }),
        ...tell({ kind: 'complete_merge', attemptId, commit: `merge-${key}` }),
      ];
    },
    fail: (key: string, attempt = 1, code = 'CHECKS_FAILED'): readonly RunEvent[] =>
      tell({
        kind: 'fail_attempt',
        attemptId: attemptOf(key, attempt),
        problem: { code, message: 'It failed.' },
        usage: noUsage,
      }),
  };
};

export const typesOf = (events: readonly RunEvent[]): string[] => events.map(({ type }) => type);

export const scheduledKeys = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'task.scheduled' ? [event.data.taskId.slice(runId.length + 1)] : [],
  );
