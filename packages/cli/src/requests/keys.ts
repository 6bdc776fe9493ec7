import type { ApiClient, ApiKeyResource, Role } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { ago } from '../reports/ago.ts';
import { oneLine } from '../screen/line.ts';
import { inSession, written } from './serve.ts';

export interface CreateKeyFlags {
  readonly name: string;
  readonly role: Role;
  readonly scope?: readonly string[];
  readonly expires?: string;
}

/** `key create`: the key on stdout and nothing else, so that it can go straight into a file or a variable. */
export const createKey = ({ name, role, scope, expires }: CreateKeyFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const created = await client.call('createApiKey', {
      body: {
        name,
        role,
        ...(scope === undefined ? {} : { scopes: [...scope] }),
        ...(expires === undefined ? {} : { expiresAt: expires }),
      },
    });
    const { secret } = created;
    if (secret === null)
      throw new PartituraError('KEY_NOT_SHOWN', `The key ${created.id} was made, and is not shown again.`, {
        advice: `Revoke it and make another: partitura key revoke ${created.id}`,
      });
    context.output.result(created, () => [secret]);
    if (!context.flags.quiet) {
      context.output.warn(
        `${created.id} is made. The key is shown this once: keep it where secrets are kept.`,
      );
      context.output.warn(
        'Commands take it from PARTITURA_API_KEY, programs send "Authorization: Bearer <key>".',
      );
    }
    return exitCodes.done;
  });

export const listKeys = (context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const items = await allKeys(client);
    const now = Date.now();
    context.output.result({ items, nextCursor: null }, () =>
      items.length === 0
        ? ['There are no keys. Make one with: partitura key create --name "what it is for"']
        : written(
            context,
            table(
              [
                { title: 'ID' },
                { title: 'NAME', flexible: true },
                { title: 'ROLE' },
                { title: 'SCOPES' },
                { title: 'STATUS' },
                { title: 'EXPIRES' },
                { title: 'LAST USED' },
              ],
              items.map((item) => rowOf(item, now)),
              context.terminal.width(),
            ),
          ),
    );
    return exitCodes.done;
  });

export const revokeKey = (id: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const accepted = await client.call('revokeApiKey', { params: { id } });
    context.output.result(accepted, () => [`${accepted.id} is revoked.`]);
    return exitCodes.done;
  });

const allKeys = async (client: ApiClient): Promise<readonly ApiKeyResource[]> => {
  const items: ApiKeyResource[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page: { items: ApiKeyResource[]; nextCursor: string | null } = await client.call('listApiKeys', {
      query,
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
};

const rowOf = (item: ApiKeyResource, now: number): readonly string[] => [
  item.id,
  oneLine(item.name),
  item.role,
  item.scopes?.join(' ') ?? 'all',
  item.status,
  item.expiresAt?.slice(0, 10) ?? 'never',
  item.lastUsedAt === null ? 'never' : ago(item.lastUsedAt, now),
];
