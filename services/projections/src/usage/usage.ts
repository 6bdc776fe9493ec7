import { addUsage, type Budget, noUsage, type RecordedEvent, type Usage } from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import type { resources } from '@partitura/shared/http';
import type { z } from 'zod';

type UsageResource = z.infer<typeof resources.usageResource>;
type BudgetResource = z.infer<typeof resources.budgetResource>;

/** Documents sum whole micro-dollars; dollars are for people, at the edge. */
const usdOf = (microUsd: number): number => microUsd / 1_000_000;

export const presentUsage = ({ costMicroUsd, ...tokens }: Usage): UsageResource => ({
  ...tokens,
  costUsd: usdOf(costMicroUsd),
});

export const presentBudget = (budget: Budget | null): BudgetResource | null => {
  if (budget === null) return null;
  const { microUsd, ...limits } = budget;
  return { ...limits, usd: microUsd === null ? null : usdOf(microUsd) };
};

interface Spender {
  readonly usage: Usage;
  /** What of it a run paid that this one was forked from. */
  readonly inheritedUsage?: Usage;
}

/** More of it, where the event is one of a fork's past. */
export const inheritedUsage = (
  document: Spender,
  usage: Usage,
  event: RecordedEvent,
): Pick<Spender, 'inheritedUsage'> =>
  isInherited(event) ? { inheritedUsage: addUsage(document.inheritedUsage ?? noUsage, usage) } : {};

export const presentUsages = (
  document: Spender,
): { usage: UsageResource; inheritedUsage?: UsageResource } => ({
  usage: presentUsage(document.usage),
  ...(document.inheritedUsage ? { inheritedUsage: presentUsage(document.inheritedUsage) } : {}),
});
