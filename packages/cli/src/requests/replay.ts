import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodeOfReplay } from '../exit-codes.ts';
import { replayLines } from '../reports/replay-report.ts';
import { inSession, written } from './serve.ts';

/** `replay RUN`: every decision once more, held against the record. */
export const replay = (given: string | undefined, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const id = await resolveRun(client, given);
    const report = await client.call('replayRun', { params: { id }, query: {} });
    context.output.result(report, () => written(context, replayLines(report)));
    return exitCodeOfReplay(report);
  });
