import type { CheckResult, MergeEvent, Problem } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';

type DataOf<Type extends MergeEvent['type']> = Extract<MergeEvent, { type: Type }>['data'];
export type Submission = DataOf<'merge.queued'>;

/** The branches of one run that wait for their turn, in the order they came, and those that had it. */
export interface MergeQueue {
  readonly waiting: Map<string, Submission>;
  readonly settled: Set<string>;
  /** Requests to check something again that were answered. */
  readonly rechecked: Set<string>;
  /** The one that is being merged, on whichever machine; its claim is the fence against a runner that was replaced. */
  current: { readonly attemptId: string; readonly claim: string } | null;
}

interface Claimed {
  readonly attemptId: string;
  /** Null: whoever merges it, it is over. */
  readonly claim: string | null;
}

export type Settlement = Claimed &
  (
    | {
        readonly kind: 'complete';
        readonly commit: string;
        readonly checks: readonly CheckResult[];
        readonly checkedBy: 'merge' | 'attempt';
      }
    | { readonly kind: 'conflict'; readonly files: readonly string[] }
    | { readonly kind: 'reject'; readonly checks: readonly CheckResult[]; readonly problem: Problem }
  );

export type MergeCommand =
  | { readonly kind: 'queue'; readonly submission: Submission }
  /** Refused while another branch is being merged. The same branch may be started again: its job was taken from who had it. */
  | { readonly kind: 'start'; readonly attemptId: string; readonly runner: string; readonly claim: string }
  | {
      readonly kind: 'interrupt';
      readonly attemptId: string;
      readonly claim: string;
      readonly problem: Problem;
    }
  /** What somebody asked for beside the queue: nothing waits for it. */
  | {
      readonly kind: 'recheck';
      readonly result: DataOf<'merge.rechecked'>;
    }
  /** Changes nothing: the state is as of now afterwards. */
  | { readonly kind: 'look' }
  | Settlement;

/** A branch is queued once, merged by one at a time, and settled once, however often the events and the jobs come. */
export const mergeQueueDecider: Decider<MergeQueue, MergeCommand, MergeEvent> = {
  initial: () => ({ waiting: new Map(), settled: new Set(), rechecked: new Set(), current: null }),
  decide: (command, state) => {
    switch (command.kind) {
      case 'queue': {
        const { attemptId } = command.submission;
        const known = state.waiting.has(attemptId) || state.settled.has(attemptId);
        return known ? [] : [{ type: 'merge.queued', data: command.submission }];
      }
      case 'look':
        return [];
      case 'recheck':
        return recheck(command, state);
      case 'start':
        return start(command, state);
      case 'interrupt': {
        const submission = state.waiting.get(command.attemptId);
        if (!submission || state.current?.claim !== command.claim) return [];
        const { taskId, attemptId } = submission;
        const { claim, problem } = command;
        return [{ type: 'merge.interrupted', data: { taskId, attemptId, claim, problem } }];
      }
      default: {
        const submission = state.waiting.get(command.attemptId);
        const fenced = command.claim !== null && state.current?.claim !== command.claim;
        return submission && !fenced ? [outcomeOf(command, submission)] : [];
      }
    }
  },
  evolve: (state, event) => {
    if (event.type === 'merge.rechecked') {
      state.rechecked.add(event.data.requestId);
      return state;
    }
    const { attemptId } = event.data;
    switch (event.type) {
      case 'merge.queued':
        state.waiting.set(attemptId, event.data);
        return state;
      case 'merge.started':
        state.current = { attemptId, claim: event.data.claim };
        return state;
      case 'merge.interrupted':
        state.current = null;
        return state;
      default:
        state.waiting.delete(attemptId);
        state.settled.add(attemptId);
        if (state.current?.attemptId === attemptId) state.current = null;
        return state;
    }
  },
};

const recheck = (
  { result }: Extract<MergeCommand, { kind: 'recheck' }>,
  { rechecked }: MergeQueue,
): readonly MergeEvent[] =>
  rechecked.has(result.requestId) ? [] : [{ type: 'merge.rechecked', data: result }];

const start = (
  { attemptId, runner, claim }: Extract<MergeCommand, { kind: 'start' }>,
  { waiting, current }: MergeQueue,
): readonly MergeEvent[] => {
  const submission = waiting.get(attemptId);
  if (!submission || (current !== null && current.attemptId !== attemptId)) return [];
  return [{ type: 'merge.started', data: { taskId: submission.taskId, attemptId, runner, claim } }];
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
