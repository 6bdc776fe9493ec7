import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { inSession } from '../requests/serve.ts';
import { conductRun } from './conduct-run.ts';

/** Shows a run from its beginning on. One that nobody works on is shown as far as it came. */
export const watchRun = (given: string | undefined, context: Context) =>
  inSession(context, 'look', async (session) => {
    const { client } = session;
    const run = await client.call('getRun', { params: { id: await resolveRun(client, given) } });
    const until = session.own ? run.position : null;
    const code = await conductRun(context, session, { runId: run.id, saidUntil: null, until });
    const left = session.own && run.endedAt === null;
    if (left) context.output.note(`Nobody works on it now. Go on with: partitura resume ${run.id}`);
    return left ? exitCodes.done : code;
  });
