import type { Finding } from '../events/index.ts';
import type { Workflow } from '../workflows/index.ts';

/**
 * The rules by which work is stopped, apart from those who go by them: a run goes by them as it goes on, and a backtest asks them
 * what they would have said of runs that are over.
 */

/** Whether another failure that counts was the last: `failures` are those before it. */
export const isLastFailure = (failures: number, maxAttempts: number): boolean => failures + 1 >= maxAttempts;

/** Whether a gate does not let pass what a review found. */
export const isHeldBack = (gate: Workflow['policy']['gate'], findings: readonly Finding[]): boolean =>
  gate === 'block_critical' && findings.some(({ severity }) => severity === 'critical');

/** When an agent is taken to go in circles, and how long it may go on in one cycle. */
export interface LoopLimits {
  /** Answers of the act step in one cycle; then what there is goes to verify. */
  readonly maxTurns: number;
  /** The same tool call with the same result this often is a loop. */
  readonly maxRepeats: number;
}

export const defaultLoopLimits: LoopLimits = { maxTurns: 40, maxRepeats: 3 };

/** What makes two uses of a tool the same: what was asked, and what came of it. */
export const repetitionOf = (
  use: { readonly tool: string; readonly arguments: { readonly hash: string } },
  result: { readonly hash: string },
): string => `${use.tool} ${use.arguments.hash} ${result.hash}`;

export const isLoop = (times: number, { maxRepeats }: Pick<LoopLimits, 'maxRepeats'>): boolean =>
  times >= maxRepeats;

export const isOutOfTurns = (turns: number, { maxTurns }: Pick<LoopLimits, 'maxTurns'>): boolean =>
  turns >= maxTurns;
