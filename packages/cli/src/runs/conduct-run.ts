import type { RunResource } from '@partitura/shared/http';
import { onShutdownSignals } from '@partitura/shared/runtime';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '../exit-codes.ts';
import { canAsk } from '../input/can-ask.ts';
import { joined } from '../screen/line.ts';
import { openRunScreen } from '../screen/run-screen.ts';
import { emptyRunView, type RunView } from '../screen/run-view.ts';
import { penOf } from '../screen/symbols.ts';
import { followRun } from './follow-run.ts';
import { runDocument } from './run-document.ts';
import { standsStill } from './standstill.ts';

export interface Conducted {
  readonly runId: string;
  /** Events up to here have been told before. */
  readonly saidUntil: string | null;
  /** Where to end although the run goes on: nobody works on it, and no more will come. */
  readonly until?: string | null;
  /** How it went, in place of the usual. */
  readonly conclude?: (run: RunResource) => Promise<ExitCode>;
}

/**
 * Shows a run until it ends or stands still, and says how it went. An interruption pauses a run that this process does, and only
 * ends the looking on at one that another does.
 */
export const conductRun = async (
  context: Context,
  session: Session,
  { runId, saidUntil, until = null, conclude }: Conducted,
): Promise<ExitCode> => {
  const { output, terminal, flags, signals } = context;
  const { client } = session;
  const view = emptyRunView(runId);
  const interrupted = new AbortController();
  const open = () =>
    openRunScreen({ view, terminal, pen: penOf(terminal), sink: output.human, quiet: output.quiet });
  let screen = open();
  const takeOff = onShutdownSignals(signals, {
    graceful: () => {
      screen.close();
      interrupted.abort();
    },
    immediate: () => {
      screen.close();
      context.exit(exitCodes.interrupted);
    },
  });
  const enough = (now: RunView): boolean =>
    standsStill(now, flags.input) || (until !== null && now.lastPosition >= until);
  try {
    for (;;) {
      await followRun({ client, view, screen, output, saidUntil, enough, signal: interrupted.signal });
      screen.close();
      if (interrupted.signal.aborted) return await interrupt(context, session, view);
      if (!(await takesNextStep(context, view))) break;
      await client.call('resumeRun', { params: { id: runId } });
      screen = open();
    }
    const run = await client.call('getRun', { params: { id: runId }, query: { after: view.lastPosition } });
    return await (conclude?.(run) ?? report(context, run, view));
  } finally {
    screen.close();
    takeOff();
  }
};

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
