import type { OperationHandlers } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';

export const auditHandlers = (readers: Readers): Pick<OperationHandlers, 'listAudit'> => ({
  listAudit: async ({ query: { after, limit, cursor, actor, type, from, to } }) => {
    await readers.upTo(after);
    const { items, nextCursor } = await readers.list('audit', {
      where: { ...(actor === undefined ? {} : { actor }), ...(type === undefined ? {} : { type }) },
      sort: { field: 'time', direction: 'descending' },
      between: {
        ...(from === undefined ? {} : { from: inFull(from) }),
        ...(to === undefined ? {} : { to: inFull(to) }),
      },
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { items: [...items], nextCursor };
  },
});

/** Times are compared as they are written: "10:00:00Z" would come after "10:00:00.500Z". */
const inFull = (time: string): string => new Date(time).toISOString();
