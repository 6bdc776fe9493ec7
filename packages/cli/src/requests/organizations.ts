import type { OrganizationResource } from '@partitura/shared/http';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fields, table } from '../output/table.ts';
import { oneLine } from '../screen/line.ts';
import { allPages } from './all-pages.ts';
import { inSession, written } from './serve.ts';

/** `organization add`: its id on stdout. */
export const addOrganization = (name: string, { id }: { readonly id?: string }, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const accepted = await client.call('createOrganization', {
      body: { name, ...(id === undefined ? {} : { id }) },
    });
    context.output.result(accepted, () => [
      `${accepted.id} is there. Its first key: partitura key create --organization ${accepted.id} --role owner --name …`,
    ]);
    return exitCodes.done;
  });

export const listOrganizations = (context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const items = await allPages((query) => client.call('listOrganizations', { query }));
    context.output.result({ items, nextCursor: null }, () =>
      written(
        context,
        table(
          [
            { title: 'ID' },
            { title: 'NAME', flexible: true },
            { title: 'MEMBERS', align: 'right' },
            { title: 'KEYS', align: 'right' },
            { title: 'SINCE' },
          ],
          items.map((one) => [
            one.id,
            oneLine(one.name),
            `${one.members}`,
            `${one.keys}`,
            one.createdAt.slice(0, 10),
          ]),
          context.terminal.width(),
        ),
      ),
    );
    return exitCodes.done;
  });

const quotasOf = ({ quotas }: OrganizationResource): readonly (readonly [string, string])[] =>
  Object.entries(quotas).map(([name, limit]) => [name, limit === null ? 'no limit' : `${limit}`] as const);

export const showOrganization = (id: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const found = await client.call('getOrganization', { params: { id } });
    context.output.result(found, () =>
      written(
        context,
        fields([
          ['id', found.id],
          ['name', oneLine(found.name)],
          ['members', `${found.members}`],
          ['keys', `${found.keys}`],
          ['since', found.createdAt],
          ...quotasOf(found),
        ]),
      ),
    );
    return exitCodes.done;
  });
