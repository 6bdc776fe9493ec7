import type { RunResource } from '@partitura/shared/http';
import { onShutdownSignals } from '@partitura/shared/runtime';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '../exit-codes.ts';
import { joined } from '../screen/line.ts';
import { openRunScreen } from '../screen/run-screen.ts';
import { emptyRunView, type RunView } from '../screen/run-view.ts';
import { type Pen, penOf } from '../screen/symbols.ts';
import { followRun } from './follow-run.ts';
import { runDocument } from './run-document.ts';
import { standsStill } from './standstill.ts';

export interface Conducted {
  readonly runId: string;
  /** Events up to here have been told before. */
  readonly saidUntil: string | null;
}

/**
 * Shows a run until it ends or stands still, and says how it went. An interruption pauses a run that this process does, and only
 * ends the looking on at one that another does.
 */
export const conductRun = async (
  context: Context,
  session: Session,
  { runId, saidUntil }: Conducted,
): Promise<ExitCode> => {
  const { output, terminal, flags, signals } = context;
  const pen = penOf(terminal);
  const view = emptyRunView(runId);
  const screen = openRunScreen({ view, terminal, pen, sink: output.human, quiet: output.quiet });
  const interrupted = new AbortController();
  const takeOff = onShutdownSignals(signals, {
    graceful: () => {
      screen.close();
      interrupted.abort();
    },
    immediate: () => context.exit(exitCodes.interrupted),
  });
  try {
    await followRun({
      client: session.client,
      view,
      screen,
      output,
      saidUntil,
      enough: (now) => standsStill(now, flags.input),
      signal: interrupted.signal,
    });
    screen.close();
    if (interrupted.signal.aborted) return await interrupt(context, session, view, pen);
    return await conclude(context, session, view, pen);
  } finally {
    screen.close();
    takeOff();
  }
};

const conclude = async (
  { output }: Context,
  { client }: Session,
  view: RunView,
  pen: Pen,
): Promise<ExitCode> => {
  const run = await client.call('getRun', {
    params: { id: view.runId },
    query: { after: view.lastPosition },
  });
  output.result(runDocument(run), () => [pen.plain(lastLine(run, view))]);
  return exitCodeOfRun(run);
};

/** What somebody does next, and, where that is so, that it was all a rehearsal. */
const lastLine = (run: RunResource, view: RunView): string => {
  const next = run.status === 'paused' ? `partitura resume ${run.id}` : `partitura show ${run.id}`;
  return joined(
    run.rehearsal ? 'rehearsed: no model was asked, nothing was spent' : null,
    view.approvals.size > 0 ? `waits for ${[...view.approvals.keys()].join(', ')}` : null,
    `next: ${next}`,
  );
};

const interrupt = async (
  { output }: Context,
  session: Session,
  view: RunView,
  pen: Pen,
): Promise<ExitCode> => {
  const { runId } = view;
  if (session.own) {
    output.note(
      'interrupted: agents come to where they can go on later (Ctrl-C again ends at once, nothing is lost)',
    );
    await session.client.call('pauseRun', { params: { id: runId }, body: { cause: 'interrupted' } });
    await session.close();
    output.warn(pen.plain(`go on with: partitura resume ${runId}`));
  } else {
    output.warn(
      pen.plain(`no longer watching; the run goes on at ${session.url} · partitura watch ${runId}`),
    );
  }
  if (output.json)
    output.result({ run: runId, status: session.own ? 'paused' : 'running', interrupted: true }, () => []);
  return exitCodes.interrupted;
};
