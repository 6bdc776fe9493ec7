import {
  type Amount,
  type ForkedRun,
  type KnowledgeNode,
  noUsage,
  type RunConfiguration,
  type RunEvent,
  tokensOf,
} from '@partitura/shared/events';

/** A run that a run was forked from, and up to where. */
export type Fork = Pick<ForkedRun, 'parentRunId' | 'at'>;

/** What is different in a run's view from there on. */
interface Forkable {
  status: 'running' | 'paused' | 'cancelled' | 'ended';
  statusDetail: string;
  startingCommit: string | null;
  readonly forks: Fork[];
  readonly configuration: Pick<RunConfiguration, 'budget'> | null;
  readonly grants: Map<string, Amount>;
  readonly decisions: Map<string, 'granted' | 'denied'>;
  readonly attempts: Map<string, Extract<RunEvent, { type: 'task.scheduled' }>['data']>;
}

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

/**
 * Where what a run inherited ends. Its agents go on with what they spent as all that they may: for the next call they ask the run, whose
 * limits are others. What was denied is asked again, under another id.
 */
export const forkView = (
  view: Forkable,
  { parentRunId, at, commit, shiftMs, unsettled, changes }: ForkedRun,
): void => {
  view.status = 'running';
  view.statusDetail = '';
  view.forks.push({ parentRunId, at });
  view.startingCommit = commit;
  view.grants.clear();
  for (const requestId of view.decisions.keys()) view.decisions.set(requestId, 'granted');
  const budget = view.configuration?.budget ?? null;
  const isLimited = budget !== null && (budget.tokens !== null || budget.microUsd !== null);
  for (const [attemptId, scheduled] of view.attempts) {
    const spent = unsettled[attemptId] ?? noUsage;
    view.attempts.set(attemptId, {
      ...scheduled,
      model: changes.model ?? scheduled.model,
      deadlineAt: later(scheduled.deadlineAt, shiftMs),
      reservation: isLimited ? { tokens: tokensOf(spent), microUsd: spent.costMicroUsd } : null,
    });
  }
};

/** Whether a run may know of it: of what is from another run only what that one, or the project, knew when the run was forked. */
export const mayKnow = (
  { runId, forks }: { readonly runId: string; readonly forks: readonly Fork[] },
  { provenance }: Pick<KnowledgeNode, 'provenance'>,
): boolean => {
  const [first] = forks;
  if (first === undefined || provenance.runId === runId || provenance.position <= first.at) return true;
  return forks.some(({ parentRunId, at }) => provenance.runId === parentRunId && provenance.position <= at);
};
