import type { EventStore } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  noUsage,
  type RecordedEvent,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import type { Job } from '@partitura/shared/job-queue';

const usage = { ...noUsage, inputTokens: 10, costMicroUsd: 100 };
const problem = { code: 'CHECKS_FAILED', message: 'No.' };

interface Said {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Of all that is decided outside the orchestrator, what depends on nothing but the name of the attempt. */
const failsFirst = (attemptId: string): boolean => /\.T2\.a1$|\.T6\.a[12]$/.test(attemptId);
const conflictsFirst = (attemptId: string): boolean => /\.T4\.a1$/.test(attemptId);
const isRejectedFirst = (attemptId: string): boolean => /\.T5\.a1$/.test(attemptId);

/** Planner, agents and merge queue as the log sees them: each step is one append, done once however often it is asked for. */
export const outside = (store: EventStore, projectId: string, now: () => number, name = 'outside') => {
  let ids = 0;

  const eventsOf = async (
    category: 'run' | 'plan' | 'agent' | 'merge',
    id: string,
  ): Promise<RecordedEvent[]> => (await Array.fromAsync(store.readStream(streamName(category, id)))).flat();

  const record = async (
    category: 'project' | 'plan' | 'agent' | 'merge',
    id: string,
    runId: string,
    ...said: readonly Said[]
  ): Promise<void> => {
    await store.append(
      streamName(category, id),
      said.map(({ type, data }) => ({
        id: `${name}-${++ids}`,
        type,
        version: versionOf(type),
        data,
        time: new Date(now()).toISOString(),
        metadata: {
          source: '/test',
          actor: 'service:test',
          correlationId: runId,
          causationId: null,
          projectId: asProjectId(projectId),
          runId: asRunId(runId),
        },
      })),
      'any',
    );
  };

  const finishPhase = async (
    { runId, phase, visit }: { runId: string; phase: string; visit: number },
    proposed: readonly Said[],
  ): Promise<void> => {
    const done = (await eventsOf('plan', runId)).some(
      ({ type, data }) =>
        type === 'plan.phase_finished' &&
        (data as { phase: string }).phase === phase &&
        (data as { visit: number }).visit === visit,
    );
    if (done) return;
    await record('plan', runId, runId, ...proposed, {
      type: 'plan.phase_finished',
      data: { phase, visit, usage },
    });
  };

  const finished = (taskId: string, attemptId: string): Said => {
    if (failsFirst(attemptId))
      return { type: 'agent.finished', data: { outcome: 'failed', taskId, problem, usage, escalate: false } };
    const isReview = !/\.[TC]\d+\./.test(attemptId);
    const branch = isReview ? null : `task/${attemptId}`;
    const work = { summary: 'Done.', branch, commit: branch && 'c1', requirementIds: [], findings: [] };
    return { type: 'agent.finished', data: { outcome: 'succeeded', taskId, usage, ...work } };
  };

  /** One step of an agent: it begins, asks for money, waits for the answer, ends. */
  const attempt = async ({ runId, taskId, attemptId }: Record<'runId' | 'taskId' | 'attemptId', string>) => {
    const own = (await eventsOf('agent', attemptId)).map(({ type }) => type);
    const spawned = {
      taskId,
      attempt: Number(attemptId.slice(attemptId.lastIndexOf('.a') + 2)),
      agentType: 'eng-backend',
      model: 'rehearsal/rehearsal',
      runner: 'one',
      allowance: null,
      branch: null,
    };
    if (!own.includes('agent.spawned'))
      return record('agent', attemptId, runId, { type: 'agent.spawned', data: spawned });
    if (!own.includes('agent.allowance_requested')) {
      const data = { requestId: `${attemptId}.q`, amount: { tokens: 0, microUsd: 1_000 } };
      return record('agent', attemptId, runId, { type: 'agent.allowance_requested', data });
    }
    if (own.includes('agent.finished')) return;
    const isAnswered = (await eventsOf('run', runId)).some(
      ({ type, data }) =>
        type === 'budget.reserved' && (data as { requestId: string }).requestId === `${attemptId}.q`,
    );
    if (isAnswered) await record('agent', attemptId, runId, finished(taskId, attemptId));
  };

  const merged = (taskId: string, attemptId: string): Said => {
    const branch = `task/${attemptId}`;
    if (conflictsFirst(attemptId))
      return { type: 'merge.conflicted', data: { taskId, attemptId, branch, files: ['a.js'] } };
    if (isRejectedFirst(attemptId))
      return { type: 'merge.rejected', data: { taskId, attemptId, branch, checks: [], problem } };
    return { type: 'merge.completed', data: { taskId, attemptId, commit: `m-${attemptId}`, checks: [] } };
  };

  /** Merges the first branch that waits for it; false when none does. */
  const merge = async (runId: string): Promise<boolean> => {
    const settled = new Set(
      (await eventsOf('merge', runId)).map(({ data }) => (data as { attemptId: string }).attemptId),
    );
    const submitted = (await eventsOf('run', runId))
      .filter(({ type }) => type === 'task.submitted')
      .map(({ data }) => data as { taskId: string; attemptId: string })
      .find(({ attemptId }) => !settled.has(attemptId));
    if (!submitted) return false;
    await record('merge', runId, runId, merged(submitted.taskId, submitted.attemptId));
    return true;
  };

  return {
    record,
    merge,
    eventsOf,
    /** One step of what a job asks for. */
    work: async (queue: string, { payload }: Job, plan: () => Promise<Said>): Promise<void> => {
      if (queue === 'attempts') return attempt(payload as Parameters<typeof attempt>[0]);
      const asked = payload as Parameters<typeof finishPhase>[0];
      await finishPhase(asked, asked.phase === 'planner' ? [await plan()] : []);
    },
    /** Whether there is nothing left to do about a job: then its worker lets it go. */
    isDone: async (queue: string, { id, payload }: Job): Promise<boolean> => {
      if (queue === 'attempts')
        return (await eventsOf('agent', id)).some(({ type }) => type === 'agent.finished');
      const { runId, phase } = payload as { runId: string; phase: string };
      return (await eventsOf('plan', runId)).some(
        ({ type, data }) => type === 'plan.phase_finished' && (data as { phase: string }).phase === phase,
      );
    },
  };
};
