import { agentLine, type CloudEvent, fromCloudEvent } from '@partitura/shared/http';
import {
  type Reference,
  resolveAgent,
  resolveAny,
  resolveRun,
  resolveTask,
} from '../connection/resolve-id.ts';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeList } from '../output/write-list.ts';
import { oneLine } from '../screen/line.ts';
import { observe } from '../screen/observe.ts';
import { emptyRunView, type RunView } from '../screen/run-view.ts';
import { type Pen, penOf } from '../screen/symbols.ts';
import { type EventFilter, historyEvents } from './history-events.ts';
import { inSession } from './serve.ts';

export interface HistoryFlags extends Omit<EventFilter, 'order' | 'type'> {
  /** `--type` may be given several times, and each with several. */
  readonly type?: readonly string[];
  readonly reverse?: boolean;
  readonly follow?: boolean;
}

/** `history`: the events of a run, a project, a task or an agent; as documents with `--events` or `--json`. */
export const history = (given: string | undefined, flags: HistoryFlags, context: Context) =>
  inSession(context, 'look', async (session) => {
    const { output, signals, terminal } = context;
    const whole = await meant(session, given);
    const filter = await filterOf(session, whole, flags);
    const view = emptyRunView(whole.kind === 'run' ? whole.id : '');
    const pen = penOf(terminal);
    await writeList(output, historyEvents(session, whole, filter, flags.follow === true ? signals : null), {
      line: (event) => historyLine(event, view, pen),
      event: (event) => event,
      document: (event) => event,
    });
    return exitCodes.done;
  });

const meant = async ({ client }: Session, given: string | undefined): Promise<Reference> =>
  given === undefined ? { kind: 'run', id: await resolveRun(client, undefined) } : resolveAny(client, given);

/** `T4` means that of the run, where the history is one of a run. */
const within = ({ kind, id }: Reference, given: string): string =>
  kind === 'run' && !given.startsWith(`${id}.`) ? `${id}.${given}` : given;

const filterOf = async (
  { client }: Session,
  whole: Reference,
  { type, reverse, follow: _, task, agent, ...rest }: HistoryFlags,
): Promise<EventFilter> => ({
  ...rest,
  ...(type === undefined ? {} : { type: type.join(',') }),
  ...(task === undefined ? {} : { task: await resolveTask(client, within(whole, task)) }),
  ...(agent === undefined ? {} : { agent: await resolveAgent(client, within(whole, agent)) }),
  ...(reverse === true ? { order: 'descending' as const } : {}),
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
