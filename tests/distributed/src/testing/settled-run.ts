import type { ApiClient, CloudEvent, RunResource } from '@partitura/shared/http';
import type { RequestedRun } from './conducted-run.ts';
import { untilThere } from './until-there.ts';

const settles: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.stopped', 'run.cancelled']);

/** Follows a run to its end; unlike `untilEnd`, through pauses. `seen` is told of every event of it. */
export const untilSettled = async (
  client: ApiClient,
  { runId, position }: RequestedRun,
  seen: (event: CloudEvent) => void,
  signal: AbortSignal,
): Promise<RunResource> => {
  for await (const event of client.events({ runId, after: position, signal })) {
    seen(event);
    if (settles.has(event.type))
      return untilThere(() =>
        client.call('getRun', { params: { id: runId }, query: { after: event.position } }),
      );
  }
  throw new Error(`The events of ${runId} ended before it did.`);
};
