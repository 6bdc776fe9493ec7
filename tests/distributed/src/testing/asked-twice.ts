import type { BlobStore } from '@partitura/shared/blobs';
import { canonicalJson } from '@partitura/shared/canonical';
import type { RecordedEvent } from '@partitura/shared/events';
import { type ChatRequest, type ModelRequested, recordedCalls } from '@partitura/shared/models';
import { systemClock } from '@partitura/shared/runtime';
import { z } from 'zod';
import type { SlowModel } from './slow-model.ts';

const withCall = z.object({ callId: z.string() });

interface Call {
  readonly callId: string;
  readonly what: string;
  /** When its outcome was recorded; null when there is none. */
  readonly settledAt: number | null;
}

/** What was asked, whoever asks, whenever: what is on the wire and what is recorded agree on these. */
const whatOf = ({ system, messages }: ChatRequest): string => canonicalJson({ system, messages });

const isRequest = (event: RecordedEvent): event is RecordedEvent & ModelRequested =>
  event.type === 'model.requested';

const callsIn = async (log: readonly RecordedEvent[], blobs: BlobStore): Promise<readonly Call[]> => {
  const recorded = recordedCalls({ blobs, clock: systemClock, redact: (text) => text });
  const settled = new Map(
    log
      .filter(({ type }) => type === 'model.answered' || type === 'model.failed')
      .map(({ data, time }) => [withCall.parse(data).callId, Date.parse(time)]),
  );
  const requests = log.filter(isRequest);
  return Promise.all(
    requests.map(async (event) => {
      const { callId } = event.data;
      const what = whatOf(await recorded.recallRequest(event));
      return { callId, what, settledAt: settled.get(callId) ?? null };
    }),
  );
};

/**
 * What was wrong with what a provider was asked, compared with the log. Right is: every request is a recorded call; a call is asked
 * once, and once more at most for each time that somebody who was at it was killed; never after its outcome is recorded.
 * @param kills when processes that ask models were killed
 */
export const wronglyAsked = async (
  { requests, askedAt }: Pick<SlowModel, 'requests' | 'askedAt'>,
  log: readonly RecordedEvent[],
  blobs: BlobStore,
  kills: readonly number[],
): Promise<readonly string[]> => {
  const calls = Map.groupBy(await callsIn(log, blobs), ({ what }) => what);
  const asked = Map.groupBy(
    requests.map(({ request, number }) => ({ what: whatOf(request), at: askedAt[number] ?? 0 })),
    ({ what }) => what,
  );
  const wrong: string[] = [];
  for (const [what, times] of asked) {
    const same = calls.get(what) ?? [];
    const ids = same.map(({ callId }) => callId).join(', ');
    const first = times[0]?.at ?? 0;
    const last = times.at(-1)?.at ?? 0;
    const interrupted = kills.filter((at) => at >= first && at <= last).length * same.length;
    if (same.length === 0) wrong.push(`asked for without a record: ${what.slice(-300)}`);
    if (times.length > same.length + interrupted)
      wrong.push(`${ids}: asked ${times.length} times, ${interrupted} kills between`);
    const settledAt = Math.max(...same.map((call) => call.settledAt ?? Number.POSITIVE_INFINITY));
    if (last > settledAt) wrong.push(`${ids}: asked ${last - settledAt} ms after the outcome was recorded`);
  }
  return wrong;
};
