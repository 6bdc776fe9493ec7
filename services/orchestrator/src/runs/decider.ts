import type { RunEvent } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import { requestAllowance } from './allowances.ts';
import {
  completeMerge,
  endAttempt,
  failAttempt,
  finishAttempt,
  rejectMerge,
  reportConflict,
  startAttempt,
} from './attempts.ts';
import { recordChecks, requestChecks } from './checks.ts';
import type { RunCommand } from './commands.ts';
import { consequencesOfRun } from './consequences.ts';
import { copyRun } from './copy.ts';
import { evolveRun } from './evolve.ts';
import {
  approveTask,
  cancelTask,
  commentTask,
  decideApproval,
  reportCi,
  retryAll,
  retryTask,
} from './interventions.ts';
import { cancel, pause, resume, start } from './lifecycle.ts';
import { interruptAttempt, messageAttempt } from './messages.ts';
import { passTime } from './passing-time.ts';
import { acceptPlan, failPlanning, finishPlanning } from './planning.ts';
import { redoAttempts, rejectTask } from './rejections.ts';
import { requestReplan } from './replan-requests.ts';
import type { RunState } from './state.ts';

const decide = (command: RunCommand, run: RunState): readonly RunEvent[] => {
  switch (command.kind) {
    case 'start':
      return start(command, run);
    case 'pause':
      return pause(command, run);
    case 'resume':
      return resume(run);
    case 'cancel':
      return cancel(command, run);
    case 'accept_plan':
      return acceptPlan(command, run);
    case 'finish_planning':
      return finishPlanning(command, run);
    case 'fail_planning':
      return failPlanning(command, run);
    case 'start_attempt':
      return startAttempt(command, run);
    case 'finish_attempt':
      return finishAttempt(command, run);
    case 'fail_attempt':
      return failAttempt(command, run);
    case 'end_attempt':
      return endAttempt(command, run);
    case 'complete_merge':
      return completeMerge(command, run);
    case 'report_conflict':
      return reportConflict(command, run);
    case 'reject_merge':
      return rejectMerge(command, run);
    case 'request_allowance':
      return requestAllowance(command, run);
    case 'retry_task':
      return retryTask(command, run);
    case 'retry_all':
      return retryAll(command, run);
    case 'approve_task':
      return approveTask(command, run);
    case 'cancel_task':
      return cancelTask(command, run);
    case 'reject_task':
      return rejectTask(command, run);
    case 'redo_attempts':
      return redoAttempts(command, run);
    case 'report_ci':
      return reportCi(command, run);
    case 'comment_task':
      return commentTask(command, run);
    case 'decide_approval':
      return decideApproval(command, run);
    case 'request_checks':
      return requestChecks(command, run);
    case 'record_checks':
      return recordChecks(command, run);
    case 'message_attempt':
      return messageAttempt(command, run);
    case 'interrupt_attempt':
      return interruptAttempt(command, run);
    case 'request_replan':
      return requestReplan(command, run);
    case 'pass_time':
      return passTime(command, run);
  }
};

/** A run as a pure function of its events and commands. Scheduling is part of it: see `consequences.ts`. */
export const runDecider: Decider<RunState, RunCommand, RunEvent> = {
  initial: () => null,
  decide,
  evolve: evolveRun,
  consequences: consequencesOfRun,
  copy: copyRun,
};
