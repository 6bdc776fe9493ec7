import type { ApiClient, RunResource, TaskResource } from '@partitura/shared/http';
import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { readPrompts } from '../input/read-prompt.ts';
import { inSession } from '../requests/serve.ts';
import { joined, oneLine } from '../screen/line.ts';
import { penOf } from '../screen/symbols.ts';
import { conductRun } from './conduct-run.ts';
import { runDocument } from './run-document.ts';
import { budgetOf, budgetText } from './run-flags.ts';

export interface ForkFlags {
  readonly at: string;
  readonly model?: string;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly prompt?: readonly string[];
  readonly dropTask?: readonly string[];
  readonly detach?: boolean;
}

const tasksOf = async (client: ApiClient, id: string, after: string): Promise<readonly TaskResource[]> => {
  const tasks: TaskResource[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: TaskResource[]; nextCursor: string | null } = await client.call('listRunTasks', {
      params: { id },
      query: { limit: 500, after, ...(cursor === null ? {} : { cursor }) },
    });
    tasks.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return tasks;
};

/** A new run whose past is another's, shown until it ends, like `run`. Without a server this process does the work. */
export const forkRun = (given: string | undefined, flags: ForkFlags, context: Context): Promise<ExitCode> =>
  inSession(context, 'work', async (session) => {
    const { client } = session;
    const prompts = await readPrompts(flags.prompt ?? [], context.workingDirectory);
    const parent = await resolveRun(client, given);
    const { id, position } = await client.call('forkRun', {
      params: { id: parent },
      body: {
        at: flags.at,
        ...(flags.model === undefined ? {} : { model: flags.model }),
        ...budgetOf(flags),
        prompts,
        dropTasks: [...(flags.dropTask ?? [])],
      },
    });
    const run = await client.call('getRun', { params: { id }, query: { after: position } });
    const tasks = await tasksOf(client, id, position);
    context.output.note(penOf(context.terminal).plain(header(run, parent, flags, session.url)));
    if (flags.detach === true && !session.own) {
      const said = joined(`${id} goes on at ${session.url}`, `watch it: partitura watch ${id}`);
      context.output.result({ ...runDocument(run), url: session.url }, () => [said]);
      return exitCodes.done;
    }
    return conductRun(context, session, { runId: id, saidUntil: null, inherited: tasks });
  });

const header = (run: RunResource, parent: string, flags: ForkFlags, url: string): string =>
  joined(
    `run ${run.id}`,
    oneLine(run.projectName, 60),
    `goes on from ${parent} at ${flags.at}`,
    `${run.tasks.completed}/${run.tasks.total} tasks done`,
    budgetText(flags),
    run.rehearsal ? 'rehearsal: no model is asked, nothing is spent' : run.model,
    url,
  );
