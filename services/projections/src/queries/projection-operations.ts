import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import type { OperationHandlers } from '@partitura/shared/http';
import type { ProjectionEngine } from '../engine/engine.ts';
import type { Readers } from './readers.ts';

/** Counting means reading: beyond this many, it is simply far behind. */
const mostCounted = 10_000;

/** What operators see of the projections, and do to them. */
export const projectionHandlers = (
  engine: ProjectionEngine,
  readers: Readers,
  store: EventStore,
): Pick<OperationHandlers, 'listProjections' | 'rebuildProjection'> => {
  const lagOf = async (position: Position): Promise<number> => {
    if (position >= (await store.head())) return 0;
    let lag = 0;
    for await (const { events } of store.readAll({ after: position, limit: mostCounted }))
      lag += events.length;
    return lag;
  };

  return {
    listProjections: async ({ query }) => {
      await readers.upTo(query.after);
      const items = await Promise.all(
        engine.progress().map(async (line) => ({ ...line, lag: await lagOf(line.position) })),
      );
      return { items, nextCursor: null };
    },
    rebuildProjection: async ({ params: { id } }) => {
      await engine.rebuild(id);
      return { id, position: engine.position() };
    },
  };
};
