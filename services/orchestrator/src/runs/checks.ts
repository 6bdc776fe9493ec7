import type { CheckResult, Finding, Problem, RunEvent } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import type { CommandOf } from './commands.ts';
import { existing, refuseStatus, taskOf } from './refusals.ts';
import type { RunState } from './state.ts';

/** The gate that says how the project's own checks went when somebody had them run again. */
export const checksGate = 'checks';

/** Also of a run that is over: what it made is there to be looked at. One at a time for each task. */
export const requestChecks = (
  { taskId, requestId }: CommandOf<'request_checks'>,
  state: RunState,
): readonly RunEvent[] => {
  const run = existing(state);
  const task = taskOf(run, taskId);
  if (task.checking !== null) return [];
  if (task.status.kind === 'active') refuseStatus(task, 'checked now');
  if (task.handedIn === null || run.configuration.repository === null)
    throw new PartituraError('NOTHING_TO_CHECK', `Task ${task.id} has handed nothing in.`);
  return [{ type: 'task.checks_requested', data: { taskId: task.id, requestId, ...task.handedIn } }];
};

/** A word on a request that was answered already decides nothing. */
export const recordChecks = (
  { taskId, requestId, checks, problem }: CommandOf<'record_checks'>,
  run: RunState,
): readonly RunEvent[] => {
  const task = run === null ? undefined : [...run.tasks.values()].find(({ id }) => id === taskId);
  if (task?.checking !== requestId) return [];
  const findings = [...(problem ? [notRun(problem)] : []), ...checks.flatMap(findingOf)];
  return [
    {
      type: 'gate.evaluated',
      data: { gate: checksGate, subject: task.id, verdict: verdictOf(checks, problem), findings },
    },
  ];
};

/** Nothing that could be run is no proof of anything. */
const verdictOf = (checks: readonly CheckResult[], problem: Problem | null) => {
  if (problem !== null || checks.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return checks.some(({ outcome }) => outcome === 'passed') ? 'passed' : 'warned';
};

const notRun = ({ code, message }: Problem): Finding => ({
  severity: 'medium',
  title: `The checks could not be run (${code}).`,
  file: null,
  line: null,
  advice: message,
});

const findingOf = ({ name, command, outcome, output }: CheckResult): Finding[] =>
  outcome === 'passed'
    ? []
    : [
        {
          severity: outcome === 'failed' ? 'high' : 'low',
          title: `${name} ${outcome === 'failed' ? 'fails' : 'could not be run'}: ${command}`,
          file: null,
          line: null,
          advice: output?.preview ?? '',
        },
      ];
