import type { ApiClient } from '@partitura/shared/http';
import { resolveAgentAtWork, resolveRun, resolveTask } from '../connection/resolve-id.ts';
import type { Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { inSession, written } from './serve.ts';

interface Accepted {
  readonly id: string;
  readonly position: string;
}

/** Records a command, and says what comes of it: at once where a server works, else when one does. */
const tell = (
  context: Context,
  command: (client: ApiClient) => Promise<Accepted>,
  said: (id: string, session: Session) => string,
): Promise<ExitCode> =>
  inSession(context, 'look', async (session) => {
    const accepted = await command(session.client);
    context.output.result(accepted, () => written(context, [said(accepted.id, session)]));
    return exitCodes.done;
  });

/** Commands that only change what is to be done find nobody at work where this process serves itself. */
const later = ({ own }: Session, runId: string): string =>
  own ? ` Nobody works on it now; partitura resume ${runId} goes on.` : '';

export const pause = (run: string, reason: string, context: Context) =>
  tell(
    context,
    async (client) =>
      client.call('pauseRun', { params: { id: await resolveRun(client, run) }, body: { reason } }),
    (id, { own }) =>
      own
        ? `${id} is paused. Go on with: partitura resume ${id}`
        : `${id} pauses: agents come to where they can go on later. Go on with: partitura resume ${id}`,
  );

export const cancel = (run: string, reason: string, context: Context) =>
  tell(
    context,
    async (client) =>
      client.call('cancelRun', { params: { id: await resolveRun(client, run) }, body: { reason } }),
    (id) => `${id} is cancelled. Work that was not merged stays on its branches; the log stays.`,
  );

const runOf = (id: string): string => id.split('.', 1)[0] ?? id;

export const approve = (approval: string, comment: string, context: Context) =>
  tell(
    context,
    (client) => client.call('grantApproval', { params: { id: approval }, body: { comment } }),
    (id, session) => `${id} is approved.${later(session, runOf(id))}`,
  );

export const deny = (approval: string, comment: string, context: Context) =>
  tell(
    context,
    (client) => client.call('denyApproval', { params: { id: approval }, body: { comment } }),
    (id, session) => `${id} is denied.${later(session, runOf(id))}`,
  );

export const comment = (task: string, text: string, context: Context) =>
  tell(
    context,
    async (client) =>
      client.call('commentTask', { params: { id: await resolveTask(client, task) }, body: { text } }),
    (id) => `Said of ${id}; its next attempt reads it.`,
  );

export const message = (agent: string, text: string, context: Context) =>
  tell(
    context,
    async (client) =>
      client.call('messageAgent', {
        params: { id: await resolveAgentAtWork(client, agent) },
        body: { text },
      }),
    (id, session) => `Said to ${id}, which reads it at its next turn.${later(session, runOf(id))}`,
  );
