import { canonicalJson } from '../canonical/index.ts';
import {
  type Category,
  type EventMetadata,
  type EventRegistry,
  type EventToAppend,
  parseStreamName,
  type Redactor,
  type StreamName,
} from '../events/index.ts';
import { InvalidEventError } from './errors.ts';
import { checkedMetadata } from './metadata.ts';

/** An event that has passed every check and lacks only its revision. */
export interface PreparedEvent {
  readonly id: string;
  readonly type: string;
  readonly runId: string | null;
  /** The canonical JSON of the recorded event is `before + revision + after`. */
  readonly before: string;
  readonly after: string;
}

export interface PreparedAppend {
  readonly stream: StreamName;
  readonly category: Category;
  readonly events: readonly PreparedEvent[];
}

export type PrepareAppend = (stream: StreamName, events: readonly EventToAppend[]) => PreparedAppend;

/**
 * All that can be done before the revision is known: the contract, the redaction, the text. The text is put together by hand,
 * keys in order, so that data and metadata are serialised once.
 */
export const appendPreparation = ({
  registry,
  redactor,
}: {
  registry: EventRegistry;
  redactor: Redactor;
}): PrepareAppend => {
  // The events of one append share their metadata, as a rule.
  let last: { readonly metadata: EventMetadata; readonly text: string } | null = null;

  const metadataText = (stream: StreamName, { type, metadata }: EventToAppend): string => {
    if (last?.metadata === metadata) return last.text;
    const checked = checkedMetadata(metadata);
    if ('problems' in checked) throw new InvalidEventError(type, stream, checked.problems);
    const text = redactor.suspects(checked.text)
      ? canonicalJson(redactor.redactData(JSON.parse(checked.text)))
      : checked.text;
    last = { metadata, text };
    return text;
  };

  const dataText = (stream: StreamName, category: Category, event: EventToAppend): string => {
    const { type, version } = event;
    const text = canonicalJson(validated(stream, category, event, event.data));
    if (!redactor.suspects(text)) return text;
    const redacted = redactor.redactData(JSON.parse(text));
    return canonicalJson(validated(stream, category, { type, version }, redacted));
  };

  const validated = (
    stream: StreamName,
    category: Category,
    { type, version }: Pick<EventToAppend, 'type' | 'version'>,
    data: unknown,
  ): unknown => {
    const validation = registry.validate(category, type, version, data);
    if (!validation.valid) throw new InvalidEventError(type, stream, validation.problems);
    return validation.data;
  };

  return (stream, events) => {
    const { category } = parseStreamName(stream);
    refuseTwins(stream, events);
    // Only within one call: between two, the caller may have changed the object.
    last = null;
    const streamText = JSON.stringify(stream);
    return {
      stream,
      category,
      events: events.map((event) => {
        checkEnvelope(stream, event);
        return {
          id: event.id,
          type: event.type,
          runId: event.metadata.runId ?? null,
          before: `{"data":${dataText(stream, category, event)},"id":${JSON.stringify(event.id)},"metadata":${metadataText(stream, event)},"revision":`,
          after: `,"stream":${streamText},"time":"${event.time}","type":${JSON.stringify(event.type)},"version":${event.version}}`,
        };
      }),
    };
  };
};

const utcTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const checkEnvelope = (stream: StreamName, { id, type, time }: EventToAppend): void => {
  if (id === '') throw new InvalidEventError(type, stream, [{ path: 'id', message: 'is empty' }]);
  if (!utcTime.test(time))
    throw new InvalidEventError(type, stream, [
      { path: 'time', message: `"${time}" is not ISO 8601 in UTC` },
    ]);
};

const refuseTwins = (stream: StreamName, events: readonly EventToAppend[]): void => {
  if (events.length < 2) return;
  const ids = new Set<string>();
  for (const { id, type } of events) {
    if (ids.has(id))
      throw new InvalidEventError(type, stream, [{ path: 'id', message: `"${id}" is there twice` }]);
    ids.add(id);
  }
};
