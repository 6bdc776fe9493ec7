import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { diffReport } from '../reports/diff-report.ts';
import { inSession, paperOf, written } from './serve.ts';

export interface DiffFlags {
  readonly from?: string;
  readonly to?: string;
}

/** `diff RUN`: what changed from one moment to a later one. */
export const diff = (given: string | undefined, query: DiffFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const id = await resolveRun(client, given);
    const found = await client.call('getRunDiff', { params: { id }, query });
    context.output.result(found, () => written(context, diffReport(found, paperOf(context))));
    return exitCodes.done;
  });
