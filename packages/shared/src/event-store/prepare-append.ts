import { type CanonicalForm, canonicalForm } from '../canonical/index.ts';
import {
  type Category,
  type EventMetadata,
  type EventRegistry,
  type EventToAppend,
  parseStreamName,
  type Redactor,
  type StreamName,
} from '../events/index.ts';
import { allowedSeals } from './allowed-seals.ts';
import { InvalidEventError } from './errors.ts';
import { type EventSealing, noSealing } from './event-sealing.ts';
import { checkedMetadata } from './metadata.ts';

/** An event that has passed every check and lacks only its revision. */
export interface PreparedEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly time: string;
  readonly runId: string | null;
  /** As they will be read back; they share nothing with what the caller has. */
  readonly data: unknown;
  readonly metadata: EventMetadata;
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
  sealing = noSealing,
}: {
  registry: EventRegistry;
  redactor: Redactor;
  /** Default: nothing is. */
  sealing?: EventSealing;
}): PrepareAppend => {
  // The events of one append share their metadata, as a rule.
  let last: { readonly of: EventMetadata; readonly form: CanonicalForm } | null = null;

  const metadataForm = (stream: StreamName, { type, metadata }: EventToAppend): CanonicalForm => {
    if (last?.of === metadata) return last.form;
    const checked = checkedMetadata(sealing.metadata(metadata));
    if ('problems' in checked) throw new InvalidEventError(type, stream, checked.problems);
    const form = redactor.suspects(checked.text)
      ? canonicalForm(redactor.redactData(checked.value))
      : checked;
    last = { of: metadata, form };
    return form;
  };

  const dataForm = (stream: StreamName, category: Category, event: EventToAppend): CanonicalForm => {
    const { type, version } = event;
    const form = canonicalForm(validated(stream, category, event, event.data));
    const suspect = redactor.suspects(form.text);
    const redacted = suspect ? redactor.redactData(form.value) : form.value;
    const sealed = sealing.data(redacted, event.metadata);
    if (!suspect && sealed === form.value) return form;
    const again = registry.validate(category, type, version, sealed);
    if (again.valid) return canonicalForm(again.data);
    const paths = again.problems.map(({ path }) => path);
    return canonicalForm(validated(stream, category, event, allowedSeals(sealed, redacted, paths)));
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
        const { id, type, version, time } = event;
        const data = dataForm(stream, category, event);
        const metadata = metadataForm(stream, event);
        return {
          id,
          type,
          version,
          time,
          runId: event.metadata.runId ?? null,
          data: data.value,
          // Checked by its schema, or redacted from what was.
          metadata: metadata.value as EventMetadata,
          before: `{"data":${data.text},"id":${JSON.stringify(id)},"metadata":${metadata.text},"revision":`,
          after: `,"stream":${streamText},"time":"${time}","type":${JSON.stringify(type)},"version":${version}}`,
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
