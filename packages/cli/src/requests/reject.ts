import { resolveTask } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { joined, oneLine } from '../screen/line.ts';
import { inSession, written } from './serve.ts';

export interface RejectFlags {
  readonly reason: string;
  readonly redo: boolean;
  readonly dryRun?: boolean;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** `reject`: with its consumers in the answer, as they were before. */
export const reject = (given: string, { reason, redo, dryRun = false }: RejectFlags, context: Context) =>
  inSession(context, 'look', async ({ client, own }) => {
    const id = await resolveTask(client, given);
    const { tasks, knowledge } = await client.call('getTaskConsumers', { params: { id } });
    const accepted = dryRun
      ? null
      : await client.call('rejectTask', { params: { id }, body: { reason, redo } });
    const run = id.split('.', 1)[0] ?? id;
    const done = redo ? `done again, with ${counted(tasks.length, 'task')}` : 'put into the dead letters';
    const next = own && redo ? ` Nobody works on it now; partitura resume ${run} goes on.` : '';
    const heading = dryRun ? `${id} would be ${done}.` : `${id} is rejected and ${done}.${next}`;
    context.output.result({ ...(accepted ?? { id }), tasks, knowledge }, () =>
      written(context, [
        heading,
        ...tasks.map((task) => `  ${joined(task.id, task.status, oneLine(task.title))}`),
        ...knowledge
          .filter(({ usedBy }) => usedBy.length > 0)
          .map(
            (node) =>
              `  ${joined(node.id, `told to ${counted(node.usedBy.length, 'agent')}`, oneLine(node.title))}`,
          ),
      ]),
    );
    return exitCodes.done;
  });
