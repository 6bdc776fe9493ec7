import type { Ledger } from '@partitura/shared/policies';
import { createReadySet } from './ready-set.ts';
import type { Run, RunState } from './state.ts';
import type { Task, TaskStatus } from './task.ts';

/** Shares what no event changes: definitions, the configuration, documents. */
export const copyRun = (run: RunState): RunState => {
  if (run === null) return null;
  const tasks = new Map(run.tasks.entries().map(([id, task]) => [id, copyTask(task)] as const));
  const copy: Run = {
    ...run,
    phase: run.phase && { ...run.phase },
    replanning: run.replanning && { ...run.replanning },
    visits: new Map(run.visits),
    interruptions: new Map(run.interruptions),
    requirements: new Map(run.requirements.entries().map(([id, counts]) => [id, { ...counts }] as const)),
    tasks,
    groups: new Set(run.groups),
    opened: new Set(run.opened),
    ready: createReadySet(),
    timers: run.timers.copy(),
    ledger: copyLedger(run.ledger),
    openByPhase: new Map(run.openByPhase),
    findings: [...run.findings],
    approvals: new Map(run.approvals),
    grantedPlans: new Set(run.grantedPlans),
  };
  for (const task of tasks.values()) if (task.status.kind === 'ready') copy.ready.add(task);
  return copy;
};

const copyTask = (task: Task): Task => ({
  ...task,
  status: copyStatus(task.status),
  dependants: [...task.dependants],
});

/** An attempt learns when it started. */
const copyStatus = (status: TaskStatus): TaskStatus =>
  status.kind === 'active' || status.kind === 'in_review'
    ? { ...status, attempt: { ...status.attempt } }
    : status;

const copyLedger = (ledger: Ledger): Ledger => ({
  ...ledger,
  held: new Map(ledger.held),
  prepaid: new Map(ledger.prepaid),
  waiting: [...ledger.waiting],
  answered: new Set(ledger.answered),
  told: new Set(ledger.told),
});
