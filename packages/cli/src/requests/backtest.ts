import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { readPolicy } from '../input/read-policy.ts';
import { backtestReport } from '../reports/backtest-report.ts';
import { inSession, paperOf, written } from './serve.ts';

export interface BacktestFlags {
  readonly policy: string;
  readonly project?: string;
  readonly since?: string;
  readonly limit: number;
}

/** `backtest`: another policy, tried on runs that are over. */
export const backtest = async (runs: readonly string[], flags: BacktestFlags, context: Context) => {
  const policy = await readPolicy(flags.policy, context.workingDirectory);
  return inSession(context, 'look', async ({ client }) => {
    const runIds: string[] = [];
    for (const run of runs) runIds.push(await resolveRun(client, run));
    const { project, since, limit } = flags;
    const answer = await client.call('backtestPolicy', {
      body: {
        policy,
        limit,
        ...(runIds.length === 0 ? {} : { runIds }),
        ...(project === undefined ? {} : { projectId: project }),
        ...(since === undefined ? {} : { since }),
      },
    });
    context.output.result(answer, () => written(context, backtestReport(answer, paperOf(context))));
    return exitCodes.done;
  });
};
