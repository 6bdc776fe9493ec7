import { agentLine, type CloudEvent, fromCloudEvent } from '@partitura/shared/http';
import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeList } from '../output/write-list.ts';
import { oneLine } from '../screen/line.ts';
import { observe } from '../screen/observe.ts';
import { emptyRunView, type RunView } from '../screen/run-view.ts';
import { type Pen, penOf } from '../screen/symbols.ts';
import { type EventFilter, runEvents } from './run-events.ts';
import { inSession } from './serve.ts';

export interface HistoryFlags extends EventFilter {
  readonly follow?: boolean;
}

/** `history RUN`: its events, in order; as documents with `--events` or `--json`. */
export const history = (given: string | undefined, flags: HistoryFlags, context: Context) =>
  inSession(context, 'look', async (session) => {
    const { output, signals, terminal } = context;
    const runId = await resolveRun(session.client, given);
    const view = emptyRunView(runId);
    const pen = penOf(terminal);
    await writeList(output, runEvents(session, runId, flags, flags.follow === true ? signals : null), {
      line: (event) => historyLine(event, view, pen),
      event: (event) => event,
      document: (event) => event,
    });
    return exitCodes.done;
  });

const historyLine = (event: CloudEvent, view: RunView, pen: Pen): string => {
  const told = agentLine(fromCloudEvent(event)) ?? summary(event, view);
  const head = `${event.position} ${event.time} ${event.type} ${event.subject}`;
  return told === '' ? head : `${head} ${pen.paint('gray', pen.plain(`· ${oneLine(told, 200)}`))}`;
};

/** What the screen would say of it. */
const summary = (event: CloudEvent, view: RunView): string => {
  const lines = observe(view, event);
  view.starting.length = 0;
  return lines.at(-1)?.pieces[0]?.text ?? '';
};
