import type { UntimedRunCommand } from '../runs/run-handler.ts';
import { causedBy } from './context.ts';
import type { Happened, Reactions } from './reaction.ts';

const attemptIdOf = ({ stream }: { readonly stream: string }): string => stream.slice('agent-'.length);

/** `r_7k2m9x4tqa.T4.a1` → `r_7k2m9x4tqa`. */
const runIdOf = (event: { readonly stream: string }): string => attemptIdOf(event).split('.')[0] ?? '';

const concluding = (event: Happened<'agent.finished'>): UntimedRunCommand => {
  const attemptId = attemptIdOf(event);
  const { data } = event;
  switch (data.outcome) {
    case 'succeeded': {
      const { branch, commit, usage, requirementIds, findings } = data;
      return { kind: 'finish_attempt', attemptId, branch, commit, usage, requirementIds, findings };
    }
    case 'failed':
      return { kind: 'fail_attempt', attemptId, problem: data.problem, usage: data.usage };
    case 'cancelled':
      // The run's own doing: what it does not know is what that cost.
      return { kind: 'end_attempt', attemptId, usage: data.usage };
  }
};

/** What agents and the merge queue report becomes the run's. */
export const agentReactions: Reactions<
  | 'agent.spawned'
  | 'agent.finished'
  | 'agent.allowance_requested'
  | 'merge.completed'
  | 'merge.conflicted'
  | 'merge.rejected'
  | 'merge.rechecked'
> = {
  'agent.spawned': (event, { runs }) =>
    runs.handle(runIdOf(event), { kind: 'start_attempt', attemptId: attemptIdOf(event) }, causedBy(event)),
  'agent.finished': (event, { runs }) => runs.handle(runIdOf(event), concluding(event), causedBy(event)),
  'agent.allowance_requested': (event, { runs }) =>
    runs.handle(
      runIdOf(event),
      { kind: 'request_allowance', holder: attemptIdOf(event), ...event.data },
      causedBy(event),
    ),
  'merge.completed': (event, { runs }) => {
    const { attemptId, commit } = event.data;
    return runs.handle(
      event.stream.slice('merge-'.length),
      { kind: 'complete_merge', attemptId, commit },
      causedBy(event),
    );
  },
  'merge.conflicted': (event, { runs }) => {
    const { attemptId, branch, files } = event.data;
    return runs.handle(
      event.stream.slice('merge-'.length),
      { kind: 'report_conflict', attemptId, branch, files },
      causedBy(event),
    );
  },
  'merge.rechecked': (event, { runs }) => {
    const { taskId, requestId, checks, problem } = event.data;
    return runs.handle(
      event.stream.slice('merge-'.length),
      { kind: 'record_checks', taskId, requestId, checks, problem },
      causedBy(event),
    );
  },
  'merge.rejected': (event, { runs }) => {
    const { attemptId, problem } = event.data;
    return runs.handle(
      event.stream.slice('merge-'.length),
      { kind: 'reject_merge', attemptId, problem },
      causedBy(event),
    );
  },
};
