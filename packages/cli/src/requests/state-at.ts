import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { stateReport } from '../reports/state-report.ts';
import { inSession, paperOf, written } from './serve.ts';

/** `state RUN --at`: the run as it stands, or stood at a position or a time. */
export const state = (given: string | undefined, at: string | undefined, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const id = await resolveRun(client, given);
    const found = await client.call('getRunState', { params: { id }, query: at === undefined ? {} : { at } });
    context.output.result(found, () => written(context, stateReport(found, paperOf(context))));
    return exitCodes.done;
  });
