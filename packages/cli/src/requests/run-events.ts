import type { ApiClient, CloudEvent } from '@partitura/shared/http';
import type { SignalSource } from '@partitura/shared/runtime';
import type { Session } from '../connection/session.ts';
import { untilInterrupted } from '../input/until-interrupted.ts';

export interface EventFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly type?: string | undefined;
}

/** A run's events in order; then, where they are followed and somebody works, those that come, until Ctrl-C or the run's end. */
export async function* runEvents(
  { client, own }: Session,
  runId: string,
  filter: EventFilter,
  following: SignalSource | null,
): AsyncGenerator<CloudEvent> {
  let last = '';
  for await (const event of recordedEvents(client, runId, filter)) {
    last = event.position;
    yield event;
  }
  // Where nobody works, nothing more will come.
  if (following === null || own) return;
  const run = await client.call('getRun', { params: { id: runId } });
  if (run.endedAt !== null && last >= run.position) return;
  const after = last === '' ? run.position : last;
  for await (const event of untilInterrupted(following, (signal) =>
    client.events({ runId, after, signal }),
  )) {
    if (filter.type === undefined || filter.type === event.type) yield event;
    if (ending.has(event.type)) return;
  }
}

const ending: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled', 'run.stopped']);

interface Page {
  readonly items: readonly CloudEvent[];
  readonly nextCursor: string | null;
}

/** Page after page. */
async function* recordedEvents(
  client: ApiClient,
  runId: string,
  { from, to, type }: EventFilter,
): AsyncGenerator<CloudEvent> {
  const query = { limit: 500, ...given({ from, to, type }) };
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await client.call('getRunHistory', {
      params: { id: runId },
      query: { ...query, ...(cursor === '' ? {} : { cursor }) },
    });
    yield* page.items;
    cursor = page.nextCursor;
  }
}

const given = (filter: EventFilter): { from?: string; to?: string; type?: string } =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
