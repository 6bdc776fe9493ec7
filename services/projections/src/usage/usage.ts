import type { Budget, Usage } from '@partitura/shared/events';
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
