import type { OperationHandlers } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';

export const auditHandlers = (readers: Readers): Pick<OperationHandlers, 'listAudit'> => ({
  listAudit: async ({ query: { after, limit, cursor, actor, type, kind, from, to } }) => {
    await readers.upTo(after);
    const { items, nextCursor } = await readers.list('audit', {
      where: given({ actor, type, kind: kind === 'denied' ? 'denial' : kind }),
      sort: { field: 'time', direction: 'descending' },
      between: given({ from: from && inFull(from), to: to && inFull(to) }),
      limit,
      ...given({ cursor }),
    });
    return { items: [...items], nextCursor };
  },
});

/** Times are compared as they are written: "10:00:00Z" would come after "10:00:00.500Z". */
const inFull = (time: string): string => new Date(time).toISOString();

/** Without what nobody asked for. */
const given = <Key extends string>(
  asked: Readonly<Record<Key, string | undefined>>,
): { [Name in Key]?: string } => {
  const fields: { [Name in Key]?: string } = {};
  for (const [name, value] of Object.entries<string | undefined>(asked))
    if (value !== undefined) fields[name as Key] = value;
  return fields;
};
