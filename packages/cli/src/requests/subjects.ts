import { type ApiClient, declareSubjectBody, type SubjectResource } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { oneLine } from '../screen/line.ts';
import { inSession, written } from './serve.ts';

export interface AddSubjectFlags {
  readonly label?: string;
}

/** `subject add`: the id on stdout; what was recorded in the clear before is said beside it. */
export const addSubject = async (
  identifiers: readonly string[],
  { label }: AddSubjectFlags,
  context: Context,
) => {
  const body = checked({ identifiers: [...identifiers], ...(label === undefined ? {} : { label }) });
  return inSession(context, 'look', async ({ client }) => {
    const declared = await client.call('declareSubject', { body });
    context.output.result(declared, () => [declared.id]);
    warnOfRecorded(declared.recorded, context);
    return exitCodes.done;
  });
};

/** Before anything is opened. What was given is not repeated: it may stand in a terminal's log for long. */
const checked = (body: z.input<typeof declareSubjectBody>) => {
  const parsed = declareSubjectBody.safeParse(body);
  if (parsed.success) return body;
  const [problem] = parsed.error.issues;
  const which =
    problem?.path[0] === 'identifiers' ? `Identifier ${Number(problem.path[1]) + 1}` : 'The label';
  throw new PartituraError('BAD_SUBJECT', `${which}: ${problem?.message ?? 'cannot be taken'}.`);
};

export const listSubjects = (context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const items = await allSubjects(client);
    context.output.result({ items, nextCursor: null }, () =>
      items.length === 0
        ? ['Nobody was declared. Declare somebody with: partitura subject add "Their Name" their@address']
        : written(
            context,
            table(
              [
                { title: 'ID' },
                { title: 'LABEL', flexible: true },
                { title: 'STATUS' },
                { title: 'KNOWN BY' },
                { title: 'SINCE' },
                { title: 'ERASED' },
              ],
              items.map(rowOf),
              context.terminal.width(),
            ),
          ),
    );
    return exitCodes.done;
  });

export const eraseSubject = (id: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const erased = await client.call('eraseSubject', { params: { id } });
    const { events, blobs } = erased.sealed;
    context.output.result(erased, () => [
      `${id} is erased: ${events} events and ${blobs} blobs have something in them that nobody can read any more.`,
    ]);
    warnOfRecorded(erased.recorded, context);
    if (!context.flags.quiet)
      context.output.warn('Repositories were not touched: look there for what agents wrote into files.');
    return exitCodes.done;
  });

const warnOfRecorded = (
  recorded: { readonly events: number; readonly blobs: number } | null,
  { flags, output }: Context,
): void => {
  if (recorded === null || recorded.events + recorded.blobs === 0 || flags.quiet) return;
  output.warn(
    `${recorded.events} events and ${recorded.blobs} blobs were recorded before, in the clear. They cannot be erased: a log is for ever.`,
  );
};

const allSubjects = async (client: ApiClient): Promise<readonly SubjectResource[]> => {
  const items: SubjectResource[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page: { items: SubjectResource[]; nextCursor: string | null } = await client.call('listSubjects', {
      query,
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
};

const rowOf = ({
  id,
  label,
  status,
  identifiers,
  declaredAt,
  erasedAt,
}: SubjectResource): readonly string[] => [
  id,
  label === null ? '-' : oneLine(label),
  status,
  String(identifiers),
  declaredAt.slice(0, 10),
  erasedAt?.slice(0, 10) ?? '-',
];
