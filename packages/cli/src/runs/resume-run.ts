import type { RunResource } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveRun, resolveTask } from '../connection/resolve-id.ts';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { inSession } from '../requests/serve.ts';
import { joined, oneLine } from '../screen/line.ts';
import { penOf } from '../screen/symbols.ts';
import { conductRun } from './conduct-run.ts';

export interface ResumeFlags {
  readonly detach?: boolean;
}

/** Goes on with a run, and shows it until it ends, like `run`. Without a server this process does the work. */
export const resumeRun = (
  given: string | undefined,
  { detach }: ResumeFlags,
  context: Context,
): Promise<ExitCode> =>
  inSession(context, 'work', async (session) => {
    const { client } = session;
    const run = await client.call('getRun', { params: { id: await resolveRun(client, given) } });
    refuseEnded(run);
    // A run that nobody paused was left by a process that died: it was taken up when this one began to work.
    const { position } =
      run.status === 'paused' ? await client.call('resumeRun', { params: { id: run.id } }) : run;
    if (detach === true && !session.own) {
      context.output.result({ run: run.id, status: 'running', url: session.url }, () => [
        `${run.id} goes on at ${session.url}`,
      ]);
      return exitCodes.done;
    }
    return goOn(context, session, run, position);
  });

const ended: ReadonlySet<string> = new Set([
  'completed',
  'failed',
  'cancelled',
  'stopped_budget',
  'stopped_policy',
  'excerpt',
]);

const refuseEnded = ({ id, status, tasks }: RunResource): void => {
  if (!ended.has(status)) return;
  throw new PartituraError('RUN_ENDED', `${id} has ended: ${status.replaceAll('_', ' ')}.`, {
    advice:
      tasks.deadLettered > 0
        ? `Try what failed again: partitura retry ${id}`
        : `See it: partitura show ${id}`,
  });
};

/** Up to `position` the run has been told before; also that it stood still. */
const goOn = async (
  context: Context,
  session: Session,
  run: RunResource,
  position: string,
): Promise<ExitCode> => {
  const pen = penOf(context.terminal);
  const header = joined(
    `run ${run.id}`,
    oneLine(run.projectName, 60),
    `${run.tasks.completed}/${run.tasks.total} tasks done`,
    run.rehearsal ? 'rehearsal: no model is asked, nothing is spent' : null,
    session.url,
  );
  context.output.note(pen.plain(header));
  return conductRun(context, session, { runId: run.id, saidUntil: position });
};

export interface RetryFlags {
  readonly model?: string;
}

/** A task, or all of a run, out of the dead letters. Without a server this process goes on with the run. */
export const retry = (given: string, { model }: RetryFlags, context: Context): Promise<ExitCode> =>
  inSession(context, 'work', async (session) => {
    const { client } = session;
    const body = model === undefined ? {} : { model };
    const isTask = given.includes('.') || /^[A-Z]/.test(given);
    const before = isTask ? await resolveTask(client, given) : await resolveRun(client, given);
    const runId = before.split('.', 1)[0] ?? before;
    const run = await client.call('getRun', { params: { id: runId } });
    const accepted = await client.call(isTask ? 'retryTask' : 'retryRun', { params: { id: before }, body });
    if (session.own) return goOn(context, session, run, accepted.position);
    context.output.result(accepted, () => [`${before} is queued again. Watch it: partitura watch ${runId}`]);
    return exitCodes.done;
  });
