import type { Role } from '@partitura/shared/http';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { allPages } from './all-pages.ts';
import { inSession, written } from './serve.ts';

export interface AddMemberFlags {
  readonly role: Role;
}

export const addMember = (organization: string, id: string, { role }: AddMemberFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const accepted = await client.call('addMember', { params: { id: organization }, body: { id, role } });
    context.output.result(accepted, () => [`${id} is ${role} of ${organization}.`]);
    return exitCodes.done;
  });

export const listMembers = (organization: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const items = await allPages((query) =>
      client.call('listMembers', { params: { id: organization }, query }),
    );
    context.output.result({ items, nextCursor: null }, () =>
      items.length === 0
        ? [`${organization} has no members. Add one with: partitura member add ${organization} <e-mail>`]
        : written(
            context,
            table(
              [{ title: 'MEMBER', flexible: true }, { title: 'ROLE' }, { title: 'SINCE' }],
              items.map(({ id, role, addedAt }) => [id, role, addedAt.slice(0, 10)]),
              context.terminal.width(),
            ),
          ),
    );
    return exitCodes.done;
  });

export const removeMember = (organization: string, memberId: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const accepted = await client.call('removeMember', { params: { id: organization, memberId } });
    context.output.result(accepted, () => [`${memberId} is no member of ${organization} any more.`]);
    return exitCodes.done;
  });
