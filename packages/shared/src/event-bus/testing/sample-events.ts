import type { EventStore } from '../../event-store/index.ts';
import {
  asOrganizationId,
  asProjectId,
  asRunId,
  type EventToAppend,
  type RecordedEvent,
  streamName,
  versionOf,
} from '../../events/index.ts';

let made = 0;

const sample = (run: string, type: string, data: unknown): EventToAppend => {
  made += 1;
  return {
    id: `sample-${made}`,
    type,
    version: versionOf(type),
    data,
    time: new Date(made).toISOString(),
    metadata: {
      source: '/test',
      actor: 'service:test',
      correlationId: run,
      causationId: null,
      organizationId: asOrganizationId(`o_${run}`),
      projectId: asProjectId(`p_${run}`),
      runId: asRunId(run),
      traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
  };
};

const queued = (run: string, label: string): EventToAppend =>
  sample(run, 'merge.queued', { taskId: run, attemptId: label, branch: label, commit: label });

const conflicted = (run: string, label: string): EventToAppend =>
  sample(run, 'merge.conflicted', { taskId: run, attemptId: label, branch: label, files: [] });

const parked = (run: string, label: string): EventToAppend =>
  sample(run, 'processor.event_parked', {
    processor: 'test',
    eventId: label,
    position: '',
    eventType: 'test',
    problem: { code: 'TEST', message: 'a sample' },
    attempts: 1,
  });

/** Records events that carry a label, in the streams of two categories. */
export const sampleRecorder = (store: EventStore) => {
  const record =
    (category: 'merge' | 'processor', make: typeof queued) =>
    async (run: string, ...labels: readonly string[]): Promise<void> => {
      await store.append(
        streamName(category, run),
        labels.map((label) => make(run, label)),
        'any',
      );
    };
  return {
    /** `merge.queued` in `merge-<run>`. */
    queued: record('merge', queued),
    /** `merge.conflicted` in `merge-<run>`. */
    conflicted: record('merge', conflicted),
    /** `processor.event_parked` in `processor-<run>`. */
    parked: record('processor', parked),
  };
};

/** The label an event was recorded with. */
export const labelOf = ({ data }: RecordedEvent): string => {
  if (typeof data !== 'object' || data === null) return '';
  if ('attemptId' in data) return String(data.attemptId);
  return 'eventId' in data ? String(data.eventId) : '';
};
