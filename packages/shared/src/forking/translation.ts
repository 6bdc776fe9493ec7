import {
  asRunId,
  type EventMetadata,
  type RecordedEvent,
  type StreamName,
  streamName,
} from '../events/index.ts';

/** An event of a run's past, as one of the run that was forked from it. What it is in the log stands in `recorded`. */
export interface InheritedEvent extends RecordedEvent {
  readonly recorded: RecordedEvent;
}

export const isInherited = (event: RecordedEvent): event is InheritedEvent => 'recorded' in event;

/** What one run says, as another says it. */
export interface Translation {
  text(value: string): string;
  stream(name: StreamName): StreamName;
  /** `revision` is that of the event of the fork's own stream which it comes behind: -1 for none. */
  event(event: RecordedEvent, revision: number): InheritedEvent;
}

/** What an id of a run stands behind where it is not the whole of a text: streams, actors, branches. */
const before = '(?:(?:run|plan|agent|merge)-|agent:|(?:refs/heads/)?partitura(?:-task)?/)?';

/**
 * Only what is an id as a whole, or begins with one as streams, actors and branches do: never in the middle of a text, which is what
 * somebody said. What is behind a hash (prompts, answers, plans) and in commits stays as it was said.
 */
export const translation = (from: string, to: string): Translation => {
  const pattern = new RegExp(`^(${before})${RegExp.escape(from)}(?=(?:\\.\\S*)?$)`);
  const text = (value: string): string =>
    value.includes(from) ? value.replace(pattern, (_, prefix: string) => `${prefix}${to}`) : value;

  const value = (given: unknown): unknown => {
    if (typeof given === 'string') return text(given);
    if (Array.isArray(given)) return given.map(value);
    if (typeof given !== 'object' || given === null) return given;
    return Object.fromEntries(Object.entries(given).map(([key, one]) => [text(key), value(one)]));
  };

  const stream = (name: StreamName): StreamName => text(name) as StreamName;

  const metadata = (given: EventMetadata): EventMetadata => ({
    ...given,
    actor: text(given.actor),
    correlationId: text(given.correlationId),
    ...(given.runId === undefined ? {} : { runId: asRunId(text(given.runId)) }),
  });

  return {
    text,
    stream,
    event: (event, revision) => ({
      ...event,
      // Two runs of one store must not have an event of the same id.
      id: `${event.id}@${to}`,
      stream: stream(event.stream),
      revision,
      data: value(event.data),
      metadata: metadata(event.metadata),
      recorded: isInherited(event) ? event.recorded : event,
    }),
  };
};

export const runStream = (runId: string): StreamName => streamName('run', runId);
