import { expect } from '@jest/globals';
import { tokensOf } from '@partitura/shared/events';
import type { Run } from '../runs/state.ts';
import { isOpen } from '../runs/task.ts';

const recount = (run: Run) => {
  const tasks = [...run.tasks.values()];
  const openByPhase = new Map<string, number>();
  for (const { phase, status } of tasks)
    openByPhase.set(phase, (openByPhase.get(phase) ?? 0) + Number(isOpen(status)));
  return {
    active: tasks.filter(({ status }) => status.kind === 'active').length,
    deadLettered: tasks.filter(({ status }) => status.kind === 'dead_letter').length,
    open: [...openByPhase].filter(([, count]) => count > 0).sort(),
    ready: new Set(tasks.filter(({ status }) => status.kind === 'ready').map(({ id }) => id)),
    waitingFor: tasks.map(
      ({ definition }) =>
        [...run.tasks.values()].filter(
          (other) => definition.dependsOn.includes(other.definition.key) && other.status.kind !== 'completed',
        ).length,
    ),
  };
};

/** What is counted as it goes is what there is, and no limit is passed. */
export const holdsTogether = (run: Run): void => {
  const counted = recount(run);
  expect(run.active).toBe(counted.active);
  expect(run.deadLettered).toBe(counted.deadLettered);
  expect([...run.openByPhase].filter(([, count]) => count !== 0).sort()).toEqual(counted.open);
  expect(new Set(run.ready.first(1_000).map(({ id }) => id))).toEqual(counted.ready);
  expect([...run.tasks.values()].map(({ waitingFor }) => waitingFor)).toEqual(counted.waitingFor);
  expect(run.active).toBeLessThanOrEqual(run.configuration.maxAgents);
  for (const { tasks, open } of run.requirements.values()) {
    expect(open).toBeGreaterThanOrEqual(0);
    expect(open).toBeLessThanOrEqual(tasks);
  }
  const { spent, held, waiting } = run.ledger;
  const { budget } = run.configuration;
  const sum = (of: 'tokens' | 'microUsd') => [...held.values()].reduce((all, amount) => all + amount[of], 0);
  if (budget !== null && budget.microUsd !== null)
    expect(spent.costMicroUsd + sum('microUsd')).toBeLessThanOrEqual(budget.microUsd);
  if (budget !== null && budget.tokens !== null)
    expect(tokensOf(spent) + sum('tokens')).toBeLessThanOrEqual(budget.tokens);
  for (const { holder } of waiting) expect(held.has(holder)).toBe(true);
  if (run.status === 'completed') expect([run.active, held.size]).toEqual([0, 0]);
};

/** A run goes on by itself as long as it runs: somebody works, waits for a person, or time will bring it on. */
export const isNotStuck = (run: Run): void => {
  if (run.status !== 'running' || run.active > 0 || run.ledger.held.size > 0 || run.approvals.size > 0)
    return;
  const tasks = [...run.tasks.values()];
  if (tasks.some(({ status }) => status.kind === 'backing_off' || status.kind === 'in_review')) return;
  const act = run.configuration.workflow.phases.find(({ id }) => id === run.phase?.id)?.act.kind;
  // Somebody said yes to a changed plan, which is on its way.
  if (run.replanning !== null && run.grantedPlans.size > 0) return;
  // The planner said it was done and has proposed nothing (yet).
  if (act === 'plan' && run.phase?.planned) return;
  throw new Error(`Nobody brings the run on in ${JSON.stringify(run.phase)}.`);
};
