import { type ApiClient, agentLine, type CloudEvent, fromCloudEvent } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveRunOrAgent } from '../connection/resolve-id.ts';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeList } from '../output/write-list.ts';
import { oneLine } from '../screen/line.ts';
import { type Pen, penOf } from '../screen/symbols.ts';
import { historyEvents } from './history-events.ts';
import { inSession } from './serve.ts';

export interface LogsFlags {
  readonly follow?: boolean;
}

interface LogEntry {
  readonly position: string;
  readonly time: string;
  readonly agent: string;
  readonly type: string;
  readonly line: string;
}

/** Whose lines are meant: of one agent, or of all of a run. */
interface Meant {
  readonly runId: string;
  readonly agentId: string | null;
}

/** `logs`: what an agent did, line by line; of a run, all of its agents. */
export const logs = (given: string | undefined, { follow }: LogsFlags, context: Context) =>
  inSession(context, 'look', async (session) => {
    const { output, signals, terminal } = context;
    const meant = await whoIsMeant(session.client, given);
    const pen = penOf(terminal);
    await writeList(output, agentLines(session, meant, follow === true ? signals : null), {
      line: ({ entry }) => logLine(entry, meant, pen),
      event: ({ event }) => event,
      document: ({ entry }) => entry,
    });
    return exitCodes.done;
  });

const whoIsMeant = async (client: ApiClient, given: string | undefined): Promise<Meant> => {
  const { kind, id } = await resolveRunOrAgent(client, given);
  if (kind === 'run') return { runId: id, agentId: null };
  return { runId: id.split('.', 1)[0] ?? id, agentId: kind === 'task' ? await agentOf(client, id) : id };
};

const agentOf = async (client: ApiClient, taskId: string): Promise<string> => {
  const { agentId } = await client.call('getTask', { params: { id: taskId } });
  if (agentId !== null) return agentId;
  throw new PartituraError('AGENT_NOT_FOUND', `No agent has worked on ${taskId} yet.`, {
    advice: `See: partitura show ${taskId}`,
  });
};

async function* agentLines(
  session: Session,
  { runId, agentId }: Meant,
  following: Context['signals'] | null,
): AsyncGenerator<{ event: CloudEvent; entry: LogEntry }> {
  for await (const event of historyEvents(session, { kind: 'run', id: runId }, {}, following)) {
    const entry = entryOf(event);
    if (entry === null || (agentId !== null && entry.agent !== agentId)) continue;
    yield { event, entry };
    if (agentId !== null && event.type === 'agent.finished') return;
  }
}

const entryOf = (event: CloudEvent): LogEntry | null => {
  const { position, time, type, subject } = event;
  const line = subject.startsWith('agent-') ? agentLine(fromCloudEvent(event)) : null;
  return line === null ? null : { position, time, agent: subject.slice('agent-'.length), type, line };
};

const logLine = ({ time, agent, line }: LogEntry, { runId, agentId }: Meant, pen: Pen): string => {
  const who = agentId === null ? `${agent.slice(runId.length + 1)} ` : '';
  return `${pen.paint('gray', time.slice(11, 19))} ${who}${pen.plain(oneLine(line, 400))}`;
};
