import { dollars, quantity } from '../screen/figures.ts';

/** What `run` takes. */
export interface RunFlags {
  readonly repo?: string;
  readonly base?: string;
  readonly workflow?: string;
  readonly model?: string;
  readonly rehearse?: boolean;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly maxAgents?: number;
  readonly step?: boolean;
  readonly detach?: boolean;
  readonly yes?: boolean;
}

export const budgetOf = ({ budgetUsd: usd, budgetTokens: tokens }: RunFlags) =>
  usd === undefined && tokens === undefined
    ? {}
    : { budget: { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) } };

export const budgetText = ({ budgetUsd, budgetTokens }: RunFlags): string | null => {
  const limits = [
    budgetUsd === undefined ? null : dollars(budgetUsd),
    budgetTokens === undefined ? null : `${quantity(budgetTokens)} tokens`,
  ].filter((limit) => limit !== null);
  return limits.length === 0 ? null : `budget ${limits.join(', ')}`;
};
