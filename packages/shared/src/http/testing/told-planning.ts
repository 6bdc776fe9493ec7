import {
  type BlobReference,
  type PlanEvent,
  type RunEvent,
  type RunId,
  taskIdOf,
} from '../../events/index.ts';
import { blob, hashOf, usageOf } from './made-up.ts';

export type Tell<Event> = (event: Event) => void;

/** A question, its answer, and the plan that came of it. */
export const tellPlanning = (plan: Tell<PlanEvent>, proposed: BlobReference, count: number): void => {
  const call = { callId: 'plan/1', model: 'rehearsal/small' };
  plan({
    type: 'model.requested',
    data: {
      ...call,
      purpose: 'tasks',
      request: blob('Cut it.', hashOf(2)),
      reserved: { tokens: 9, microUsd: 9 },
    },
  });
  plan({
    type: 'model.answered',
    data: {
      ...call,
      answer: blob('{}', hashOf(3)),
      stopReason: 'end',
      usage: usageOf(1_000),
      durationMs: 900,
    },
  });
  plan({
    type: 'plan.proposed',
    data: {
      plan: proposed,
      planRevision: 1,
      requirements: count,
      questions: 0,
      tasks: count,
      width: 1,
      criticalPath: ['T1'],
      criticalPathMs: 60_000,
      durationMs: { p50: 60_000, p90: 90_000 },
      costMicroUsd: { p50: 100, p90: 200 },
    },
  });
};

/** An epic with one task after the other, each for a requirement. */
export const tellAccepted = (
  run: Tell<RunEvent>,
  runId: RunId,
  proposed: BlobReference,
  count: number,
): void => {
  const keys = Array.from({ length: count }, (_, index) => index + 1);
  run({
    type: 'plan.accepted',
    data: { plan: proposed, planRevision: 1, requirementIds: keys.map((key) => `R${key}`), tasks: count },
  });
  const add = (
    key: string,
    kind: 'epic' | 'task',
    parentKey: string | null,
    dependsOn: string[],
    serves: string[],
  ) =>
    run({
      type: 'task.added',
      data: {
        taskId: taskIdOf(runId, key),
        phase: 'executor',
        definition: {
          key,
          parentKey,
          kind,
          title: `Title of ${key}`,
          description: `What ${key} is about.`,
          agentType: 'eng-backend',
          priority: 2,
          complexity: 3,
          estimatedTokens: 10_000,
          dependsOn,
          acceptanceCriteria: ['It works.'],
          requirementIds: serves,
        },
        pathTokens: 10_000,
        conflict: null,
      },
    });
  add('E1', 'epic', null, [], []);
  for (const key of keys) add(`T${key}`, 'task', 'E1', key === 1 ? [] : [`T${key - 1}`], [`R${key}`]);
};

/** Asked for the plan, and given. */
export const tellApproval = (run: Tell<RunEvent>, runId: RunId, count: number): void => {
  run({
    type: 'approval.requested',
    data: {
      approvalId: `${runId}.ap1`,
      action: 'accept_plan',
      subject: 'the plan',
      detail: `${count} tasks`,
      bindingHash: hashOf(5),
      expiresAt: null,
    },
  });
  run({ type: 'approval.granted', data: { approvalId: `${runId}.ap1`, comment: 'Good.' } });
};
