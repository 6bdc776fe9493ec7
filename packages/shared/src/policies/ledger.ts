import { type Amount, addUsage, type Budget, noUsage, tokensOf, type Usage } from '../events/index.ts';

/**
 * What a run spent and what is set aside for calls that are still to be made. The sum of both never exceeds a limit: an amount
 * is set aside before a call and counted after it, so any number of agents at once stays within it.
 */
export interface Ledger {
  /** By the run itself: what counts against its limits, and what its project is told. */
  spent: Usage;
  /** By those it was forked from. */
  inherited: Usage;
  /** By holder that was at work when the run was forked: what it had spent by then, of all that it will tell. */
  readonly prepaid: Map<string, Usage>;
  /** By holder (an attempt, or `plan`) that has not told what it spent: what is set aside for it, nothing where nothing limits it. */
  readonly held: Map<string, Amount>;
  /** The sum of what is held. */
  reserved: Amount;
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

export const nothing: Amount = { tokens: 0, microUsd: 0 };

export const createLedger = (): Ledger => ({
  spent: noUsage,
  inherited: noUsage,
  prepaid: new Map(),
  held: new Map(),
  reserved: nothing,
  waiting: [],
  answered: new Set(),
  told: new Set(),
  exhausted: false,
});

export const planHolder = 'plan';

/** What is neither spent nor set aside. A limit that is not there leaves room without end. */
export const freeOf = ({ spent, reserved }: Ledger, budget: Budget): Amount => ({
  tokens:
    budget.tokens === null
      ? Number.MAX_SAFE_INTEGER
      : Math.max(0, budget.tokens - tokensOf(spent) - reserved.tokens),
  microUsd:
    budget.microUsd === null
      ? Number.MAX_SAFE_INTEGER
      : Math.max(0, budget.microUsd - spent.costMicroUsd - reserved.microUsd),
});

/** What a holder that cannot tell may have spent: all it held of what is limited. Of the rest nobody knows. */
export const atMost = (held: Amount | undefined, budget: Budget | null): Amount => ({
  tokens: budget === null || budget.tokens === null ? 0 : (held?.tokens ?? 0),
  microUsd: budget === null || budget.microUsd === null ? 0 : (held?.microUsd ?? 0),
});

/** What a run cost, with all that is held and may have been spent. */
export const spentAtMost = ({
  ledger,
  configuration,
}: {
  readonly ledger: Ledger;
  readonly configuration: { readonly budget: Budget | null };
}): Amount => {
  const held = atMost(ledger.reserved, configuration.budget);
  return {
    tokens: tokensOf(ledger.spent) + held.tokens,
    microUsd: ledger.spent.costMicroUsd + held.microUsd,
  };
};

export const fits = (asked: Amount, free: Amount): boolean =>
  asked.tokens <= free.tokens && asked.microUsd <= free.microUsd;

const isNothing = ({ tokens, microUsd }: Amount): boolean => tokens === 0 && microUsd === 0;

/** Whether somebody holds something that may come back. Who waits for more goes on waiting and gives nothing back. */
export const mayGiveBack = (ledger: Ledger): boolean => {
  const waiting = new Set(ledger.waiting.map(({ holder }) => holder));
  return ledger.held.entries().some(([holder, amount]) => !waiting.has(holder) && !isNothing(amount));
};

export const limitsTokensOrMoney = (budget: Budget | null): budget is Budget =>
  budget !== null && (budget.tokens !== null || budget.microUsd !== null);

export const hold = (ledger: Ledger, holder: string, amount: Amount): void => {
  ledger.held.set(holder, plus(ledger.held.get(holder) ?? nothing, amount));
  ledger.reserved = plus(ledger.reserved, amount);
};

export const settle = (ledger: Ledger, holder: string, usage: Usage): void => {
  const held = ledger.held.get(holder);
  ledger.held.delete(holder);
  if (held) ledger.reserved = minus(ledger.reserved, held);
  // No number is exact where a limit is missing; the last one to go leaves nothing behind.
  if (ledger.held.size === 0) ledger.reserved = nothing;
  ledger.spent = addUsage(ledger.spent, withoutPrepaid(ledger, holder, usage));
  withdraw(ledger, holder);
};

/** What a fork's parent had paid. */
export const prepay = (ledger: Ledger, unsettled: Readonly<Record<string, Usage>>): void => {
  ledger.prepaid.clear();
  for (const [holder, usage] of Object.entries(unsettled)) ledger.prepaid.set(holder, usage);
};

const withoutPrepaid = ({ prepaid }: Ledger, holder: string, usage: Usage): Usage => {
  const paid = prepaid.get(holder);
  if (!paid) return usage;
  prepaid.delete(holder);
  return {
    inputTokens: Math.max(0, usage.inputTokens - paid.inputTokens),
    outputTokens: Math.max(0, usage.outputTokens - paid.outputTokens),
    cacheReadTokens: Math.max(0, usage.cacheReadTokens - paid.cacheReadTokens),
    cacheWriteTokens: Math.max(0, usage.cacheWriteTokens - paid.cacheWriteTokens),
    costMicroUsd: Math.max(0, usage.costMicroUsd - paid.costMicroUsd),
    calls: Math.max(0, usage.calls - paid.calls),
  };
};

/** Who is not at work any more needs nothing: given to it, it would never come back. */
export const withdraw = (ledger: Ledger, holder: string): void => {
  for (let at = ledger.waiting.length - 1; at >= 0; at -= 1) {
    if (ledger.waiting[at]?.holder === holder) ledger.waiting.splice(at, 1);
  }
};

const plus = (left: Amount, right: Amount): Amount => ({
  tokens: left.tokens + right.tokens,
  microUsd: left.microUsd + right.microUsd,
});

const minus = (left: Amount, right: Amount): Amount => ({
  tokens: left.tokens - right.tokens,
  microUsd: left.microUsd - right.microUsd,
});

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
