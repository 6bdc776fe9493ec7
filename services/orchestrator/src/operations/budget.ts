import type { Budget } from '@partitura/shared/events';

interface BudgetInput {
  readonly usd?: number | undefined;
  readonly tokens?: number | undefined;
  readonly wallMs?: number | undefined;
  readonly onExceed: 'stop' | 'pause';
}

/** Alerts at half, four fifths and all of a limit. */
const thresholds = [0.5, 0.8, 1];

export const budgetFrom = (input: BudgetInput | undefined): Budget | null =>
  input === undefined
    ? null
    : {
        microUsd: input.usd === undefined ? null : Math.round(input.usd * 1_000_000),
        tokens: input.tokens ?? null,
        wallMs: input.wallMs ?? null,
        onExceed: input.onExceed,
        thresholds: [...thresholds],
      };
