import { type Amount, addUsage, type Budget, noUsage, tokensOf, type Usage } from '@partitura/shared/events';

/**
 * What a run spent and what is set aside for calls that are still to be made. The sum of both never exceeds a limit: an amount
 * is set aside before a call and counted after it, so any number of agents at once stays within it.
 */
export interface Ledger {
  spent: Usage;
  /** By holder: an attempt, or `plan`. */
  readonly held: Map<string, Amount>;
  /** Those who asked for more than there was, first come first served, until somebody gives something back. */
  readonly waiting: AllowanceRequest[];
  /** Requests that were answered: asked again, they are answered the same. */
  readonly answered: Set<string>;
  /** Thresholds that were told already, as `limit:threshold`. */
  readonly told: Set<string>;
  exhausted: boolean;
}

export interface AllowanceRequest {
  readonly holder: string;
  readonly requestId: string;
  readonly amount: Amount;
}

export const createLedger = (): Ledger => ({
  spent: noUsage,
  held: new Map(),
  waiting: [],
  answered: new Set(),
  told: new Set(),
  exhausted: false,
});

export const planHolder = 'plan';

const heldInAll = (ledger: Ledger): Amount => {
  let tokens = 0;
  let microUsd = 0;
  for (const amount of ledger.held.values()) {
    tokens += amount.tokens;
    microUsd += amount.microUsd;
  }
  return { tokens, microUsd };
};

/** What is neither spent nor set aside. A limit that is not there leaves room without end. */
export const freeOf = (ledger: Ledger, budget: Budget): Amount => {
  const held = heldInAll(ledger);
  return {
    tokens:
      budget.tokens === null
        ? Number.MAX_SAFE_INTEGER
        : Math.max(0, budget.tokens - tokensOf(ledger.spent) - held.tokens),
    microUsd:
      budget.microUsd === null
        ? Number.MAX_SAFE_INTEGER
        : Math.max(0, budget.microUsd - ledger.spent.costMicroUsd - held.microUsd),
  };
};

export const fits = (asked: Amount, free: Amount): boolean =>
  asked.tokens <= free.tokens && asked.microUsd <= free.microUsd;

/** An equal share of what is free, for each of `parts`: the one who needs more asks for it. */
export const shareOf = (free: Amount, parts: number): Amount => ({
  tokens: Math.floor(free.tokens / Math.max(1, parts)),
  microUsd: Math.floor(free.microUsd / Math.max(1, parts)),
});

export const limitsTokensOrMoney = (budget: Budget | null): budget is Budget =>
  budget !== null && (budget.tokens !== null || budget.microUsd !== null);

export const hold = (ledger: Ledger, holder: string, amount: Amount): void => {
  const before = ledger.held.get(holder);
  ledger.held.set(holder, {
    tokens: (before?.tokens ?? 0) + amount.tokens,
    microUsd: (before?.microUsd ?? 0) + amount.microUsd,
  });
};

export const settle = (ledger: Ledger, holder: string, usage: Usage): void => {
  ledger.held.delete(holder);
  ledger.spent = addUsage(ledger.spent, usage);
};

export interface Threshold {
  readonly limit: 'tokens' | 'usd';
  readonly threshold: number;
  readonly spent: number;
  readonly allowed: number;
}

/** Thresholds that `spent` has reached and nobody was told of. */
export const newThresholds = (ledger: Ledger, budget: Budget, spent: Usage): readonly Threshold[] => {
  const limits = [
    { limit: 'tokens', spent: tokensOf(spent), allowed: budget.tokens },
    { limit: 'usd', spent: spent.costMicroUsd, allowed: budget.microUsd },
  ] as const;
  return limits.flatMap(({ limit, spent: value, allowed }) =>
    allowed === null
      ? []
      : budget.thresholds
          .filter((threshold) => value >= threshold * allowed && !ledger.told.has(`${limit}:${threshold}`))
          .map((threshold) => ({ limit, threshold, spent: value, allowed })),
  );
};
