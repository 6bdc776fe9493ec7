import type { Amount } from '@partitura/shared/events';
import type { RunStateResource } from '@partitura/shared/http';
import { presentBudget, presentUsage } from '../usage/usage.ts';
import { type BudgetDocument, reservedIn } from './budgets.ts';

const inDollars = ({ tokens, microUsd }: Amount) => ({ tokens, usd: microUsd / 1_000_000 });

export const presentBudgetState = (document: BudgetDocument): RunStateResource['budget'] => ({
  limits: presentBudget(document.limits),
  spent: presentUsage(document.spent),
  reserved: inDollars(reservedIn(document)),
  holders: Object.entries(document.held).map(([holder, amount]) => ({ holder, ...inDollars(amount) })),
});
