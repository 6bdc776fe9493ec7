import type { EventStore } from '@partitura/shared/event-store';
import type { Position } from '@partitura/shared/events';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { ProjectionEngine } from '../engine/engine.ts';
import type { Readers } from './readers.ts';

/** Counting means reading: beyond this many, it is simply far behind. */
const mostCounted = 10_000;

/**
 * There is one of each for all organisations: how far it is, and whether it is built anew, concerns them all.
 * @throws {PartituraError} `OPERATION_NOT_FOR_ORGANIZATION`
 */
const requireInstallation = ({ organizationId }: CallContext): void => {
  if (organizationId === null) return;
  throw new PartituraError(
    'OPERATION_NOT_FOR_ORGANIZATION',
    'Projections are those of the whole installation.',
    { advice: 'Ask whoever runs it: the key it was started with may.' },
  );
};

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
    listProjections: async ({ query }, context) => {
      requireInstallation(context);
      await readers.upTo(query.after);
      const items = await Promise.all(
        engine.progress().map(async (line) => ({ ...line, lag: await lagOf(line.position) })),
      );
      return { items, nextCursor: null };
    },
    rebuildProjection: async ({ params: { id } }, context) => {
      requireInstallation(context);
      await engine.rebuild(id);
      return { id, position: engine.position() };
    },
  };
};
