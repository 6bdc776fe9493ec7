import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient, OperationOutput, Operations } from '@partitura/shared/http';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { inSession, paperOf, written } from './serve.ts';

type Line = OperationOutput<Operations['listProjections']>['items'][number];

const shareOf = ({ progress }: Line): string => {
  if (progress === null) return '';
  const { events, total } = progress;
  if (total === null || total === 0) return `${events} events`;
  return `${Math.floor((events / total) * 100)}% (${events} of ${total} events)`;
};

const linesOf = (lines: readonly Line[], width: number): readonly string[] =>
  table(
    [
      { title: 'READ MODEL' },
      { title: 'VERSION', align: 'right' },
      { title: 'STATUS' },
      { title: 'BEHIND', align: 'right' },
      { title: 'REBUILT', flexible: true },
    ],
    lines.map((line) => [line.name, String(line.version), line.status, String(line.lag), shareOf(line)]),
    width,
  );

/** `projections`: how far each read model is. */
export const list = (context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const found = await client.call('listProjections', {});
    const { width } = paperOf(context);
    context.output.result(found, () => written(context, linesOf(found.items, width)));
    return exitCodes.done;
  });

const everyMs = 500;

/** Tells how far each is until none of them is under way. */
const rebuilt = async (client: ApiClient, names: readonly string[], context: Context): Promise<void> => {
  for (;;) {
    const { items } = await client.call('listProjections', {});
    const open = items.filter(({ name, status }) => status === 'rebuilding' && names.includes(name));
    if (open.length === 0) return;
    context.output.note(open.map((line) => `${line.name} ${shareOf(line)}`).join(' · '));
    await pause(everyMs);
  }
};

/** `projections rebuild`: begins again from the log, beside what is read, and waits until all are switched. */
export const rebuild = (given: readonly string[], { wait }: { readonly wait: boolean }, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const live = (await client.call('listProjections', {})).items.filter(({ status }) => status === 'live');
    const names = given.length === 0 ? live.map(({ name }) => name) : given;
    for (const id of names) await client.call('rebuildProjection', { params: { id } });
    if (wait) await rebuilt(client, names, context);
    const found = await client.call('listProjections', {});
    const { width } = paperOf(context);
    context.output.result(found, () => written(context, linesOf(found.items, width)));
    return exitCodes.done;
  });
