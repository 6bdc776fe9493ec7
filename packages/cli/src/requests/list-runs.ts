import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { runTable } from '../reports/run-report.ts';
import { inSession, paperOf, written } from './serve.ts';

export interface ListFlags {
  readonly limit: number;
  readonly status?: 'running';
}

/** `ps`: runs, newest first; with `--quiet` their ids alone. */
export const listRuns = (flags: ListFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const page = await client.call('listRuns', { query: { limit: flags.limit } });
    const { items } = page;
    context.output.result(page, () =>
      context.flags.quiet ? items.map(({ id }) => id) : written(context, runTable(items, paperOf(context))),
    );
    return exitCodes.done;
  });
