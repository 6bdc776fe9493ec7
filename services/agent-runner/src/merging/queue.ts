import type { CheckResult, MergeEvent, Problem } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';

type DataOf<Type extends MergeEvent['type']> = Extract<MergeEvent, { type: Type }>['data'];
export type Submission = DataOf<'merge.queued'>;

/** The branches of one run that wait for their turn, in the order they came, and those that had it. */
export interface MergeQueue {
  readonly waiting: Map<string, Submission>;
  readonly settled: Set<string>;
}

export type Settlement =
  | {
      readonly kind: 'complete';
      readonly attemptId: string;
      readonly commit: string;
      readonly checks: readonly CheckResult[];
      readonly checkedBy: 'merge' | 'attempt';
    }
  | { readonly kind: 'conflict'; readonly attemptId: string; readonly files: readonly string[] }
  | {
      readonly kind: 'reject';
      readonly attemptId: string;
      readonly checks: readonly CheckResult[];
      readonly problem: Problem;
    };

export type MergeCommand = { readonly kind: 'queue'; readonly submission: Submission } | Settlement;

/** A branch is queued once and settled once, however often the events and the jobs come. */
export const mergeQueueDecider: Decider<MergeQueue, MergeCommand, MergeEvent> = {
  initial: () => ({ waiting: new Map(), settled: new Set() }),
  decide: (command, state) => {
    if (command.kind === 'queue') {
      const { attemptId } = command.submission;
      const known = state.waiting.has(attemptId) || state.settled.has(attemptId);
      return known ? [] : [{ type: 'merge.queued', data: command.submission }];
    }
    const submission = state.waiting.get(command.attemptId);
    return submission ? [outcomeOf(command, submission)] : [];
  },
  evolve: (state, event) => {
    const { attemptId } = event.data;
    if (event.type === 'merge.queued') {
      state.waiting.set(attemptId, event.data);
      return state;
    }
    state.waiting.delete(attemptId);
    state.settled.add(attemptId);
    return state;
  },
};

const outcomeOf = (command: Settlement, { taskId, attemptId, branch }: Submission): MergeEvent => {
  switch (command.kind) {
    case 'complete': {
      const { commit, checks, checkedBy } = command;
      return {
        type: 'merge.completed',
        data: { taskId, attemptId, commit, checks: [...checks], checkedBy },
      };
    }
    case 'conflict':
      return { type: 'merge.conflicted', data: { taskId, attemptId, branch, files: [...command.files] } };
    case 'reject':
      return {
        type: 'merge.rejected',
        data: { taskId, attemptId, branch, checks: [...command.checks], problem: command.problem },
      };
  }
};
