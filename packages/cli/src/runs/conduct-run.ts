import type { RunResource, TaskResource } from '@partitura/shared/http';
import { onShutdownSignals, PartituraError } from '@partitura/shared/runtime';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '../exit-codes.ts';
import { approvalKeys } from '../input/approval-keys.ts';
import { canAsk } from '../input/can-ask.ts';
import { joined } from '../screen/line.ts';
import { openRunScreen, type RunScreen } from '../screen/run-screen.ts';
import { emptyRunView, inheritTask, type RunView } from '../screen/run-view.ts';
import { penOf } from '../screen/symbols.ts';
import { type FollowOptions, followRun } from './follow-run.ts';
import { runDocument } from './run-document.ts';
import { standsStill } from './standstill.ts';

export interface Conducted {
  readonly runId: string;
  /** Events up to here have been told before. */
  readonly saidUntil: string | null;
  /** Where to end although the run goes on: nobody works on it, and no more will come. */
  readonly until?: string | null;
  /** Tasks of a fork that stand in no event of its own. */
  readonly inherited?: readonly TaskResource[];
  /** How it went, in place of the usual. */
  readonly conclude?: (run: RunResource) => Promise<ExitCode>;
}

/** A run on a screen, by whoever answers. */
interface Showing extends Pick<FollowOptions, 'view' | 'saidUntil' | 'enough'> {
  readonly context: Context;
  readonly interrupted: AbortController;
  session: Session;
  screen: RunScreen;
}

/**
 * Shows a run until it ends or stands still, and says how it went. An interruption pauses a run that this process does, and only
 * ends the looking on at one that another does.
 */
export const conductRun = async (
  context: Context,
  session: Session,
  { runId, saidUntil, until = null, inherited = [], conclude }: Conducted,
): Promise<ExitCode> => {
  const view = emptyRunView(runId);
  for (const task of inherited) inheritTask(view, task);
  const showing: Showing = {
    context,
    view,
    session,
    screen: screenOf(context, view),
    saidUntil,
    interrupted: new AbortController(),
    enough: (now) => standsStill(now, context.flags.input) || (until !== null && now.lastPosition >= until),
  };
  const takeOff = onShutdownSignals(context.signals, {
    graceful: () => {
      showing.screen.close();
      showing.interrupted.abort();
    },
    immediate: () => {
      showing.screen.close();
      context.exit(exitCodes.interrupted);
    },
  });
  try {
    await showOn(showing);
    if (showing.interrupted.signal.aborted) return await interrupt(context, showing.session, view);
    const { client } = showing.session;
    const run = await client.call('getRun', { params: { id: runId }, query: { after: view.lastPosition } });
    return await (conclude?.(run) ?? report(context, run, view));
  } finally {
    showing.screen.close();
    takeOff();
    if (showing.session !== session) await showing.session.close();
  }
};

const screenOf = ({ terminal, output }: Context, view: RunView): RunScreen =>
  openRunScreen({ view, terminal, pen: penOf(terminal), sink: output.human, quiet: output.quiet });

/** From step to step, and from server to server, until there is no more to show. */
const showOn = async (showing: Showing): Promise<void> => {
  const { context, view, saidUntil, enough, interrupted } = showing;
  for (;;) {
    const { client } = showing.session;
    const { screen } = showing;
    const keys = approvalKeys({ context, view, client, print: screen.print });
    try {
      await followRun({
        client,
        view,
        screen,
        output: context.output,
        saidUntil,
        enough: (now) => {
          keys.update();
          return enough(now);
        },
        signal: interrupted.signal,
      });
    } catch (error) {
      showing.screen.close();
      if (showing.session.renew === null || !isGone(error)) throw error;
      showing.session = await showing.session.renew();
      showing.screen = screenOf(context, view);
      continue;
    } finally {
      keys.close();
    }
    showing.screen.close();
    if (interrupted.signal.aborted || !(await takesNextStep(context, view))) return;
    await client.call('resumeRun', { params: { id: view.runId } });
    showing.screen = screenOf(context, view);
  }
};

const isGone = (error: unknown): boolean =>
  error instanceof PartituraError && ['SERVER_NOT_REACHED', 'EVENTS_BROKEN_OFF'].includes(error.code);

/** With `--step` it is asked before each task, where there is somebody to ask. */
const takesNextStep = async (context: Context, { phase }: RunView): Promise<boolean> => {
  if (phase.kind !== 'paused' || phase.reason !== 'step' || !canAsk(context)) return false;
  return (await import('../input/ask.ts')).confirm('Go on with the next step?');
};

const report = async ({ output, terminal }: Context, run: RunResource, view: RunView): Promise<ExitCode> => {
  const last = penOf(terminal).plain(lastLine(run, view));
  if (output.json) output.note(last);
  output.result(runDocument(run), () => [last]);
  return exitCodeOfRun(run, view.trouble);
};

/** What somebody does next, and, where that is so, that it was all a rehearsal. */
const lastLine = (run: RunResource, view: RunView): string =>
  joined(
    run.rehearsal ? 'rehearsed: no model was asked, nothing was spent' : null,
    view.approvals.size > 0
      ? `waits for approval: partitura approve ${[...view.approvals.keys()].join(' ')}`
      : null,
    `next: ${nextCommand(run)}`,
  );

const nextCommand = ({ id, status, tasks }: RunResource): string => {
  if (status === 'paused') return `partitura resume ${id}`;
  return tasks.deadLettered > 0 ? `partitura retry ${id}` : `partitura show ${id}`;
};

const interrupt = async (
  { output, terminal }: Context,
  session: Session,
  view: RunView,
): Promise<ExitCode> => {
  const { runId } = view;
  const pauses = session.own && view.phase.kind === 'going';
  if (session.own) {
    output.note(
      'interrupted: agents come to where they can go on later (Ctrl-C again ends at once, nothing is lost)',
    );
    if (pauses)
      await session.client.call('pauseRun', { params: { id: runId }, body: { cause: 'interrupted' } });
    await session.close();
  }
  const said = session.own
    ? `go on with: partitura resume ${runId}`
    : `no longer watching; the run goes on at ${session.url} · partitura watch ${runId}`;
  output.warn(penOf(terminal).plain(said));
  if (output.json)
    output.result({ run: runId, status: session.own ? 'paused' : 'running', interrupted: true }, () => []);
  return exitCodes.interrupted;
};
