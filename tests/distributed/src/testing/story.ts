import type { RecordedEvent } from '@partitura/shared/events';

/**
 * What a run's log says, without what differs from one run to the next: ids, times, hashes, commits, and what follows from
 * which knowledge an engine found first. One list for each stream, in the stream's own order; the order between
 * streams is nobody's promise.
 */
export type Story = Readonly<Record<string, readonly string[]>>;

/** Names of fields whose values depend on the moment, or on how long a prompt was. */
const accidental: ReadonlySet<string> = new Set([
  'at',
  'deadlineAt',
  'durationMs',
  'elapsedMs',
  'latencyMs',
  'hash',
  'size',
  'preview',
  'usage',
  'counts',
  'spent',
  'position',
  'runner',
  'reserved',
  'reservation',
  'allowance',
  'amount',
  'estimate',
  'url',
  'tokens',
  // Made by chance.
  'claim',
  // What is found first depends on how an engine ranks words, and ids of nodes are made from the run's.
  'nodeIds',
  // The end of a test's output: where it is cut depends on how many digits its durations have.
  'learning',
]);

export const storyOf = (
  events: readonly RecordedEvent[],
  { runId, projectId }: { readonly runId: string; readonly projectId: string },
): Story => {
  const streams: Record<string, string[]> = {};
  const plain = (text: string): string =>
    text
      .replaceAll(runId, 'RUN')
      .replaceAll(projectId, 'PROJECT')
      .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
      .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
      .replaceAll(/\b[0-9a-f]{7,12}\b/g, 'COMMIT')
      .replaceAll(/duration_ms:? [\d.]+/g, 'duration')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  for (const { stream, type, data } of events) {
    const belongs = stream.includes(runId) || stream === `project-${projectId}`;
    if (!belongs) continue;
    const told = JSON.stringify(data, (name, value: unknown) => (accidental.has(name) ? undefined : value));
    const key = plain(stream);
    streams[key] = [...(streams[key] ?? []), `${type} ${plain(told)}`];
  }
  return streams;
};
