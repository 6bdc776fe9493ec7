import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { PartituraError } from '../runtime/errors.ts';

export interface EventFeedOptions {
  /** Opens the stream after the last id, or from its start. */
  readonly open: (lastId: string | undefined) => Promise<Response>;
  /** How often in a row it may break off without bringing anything. */
  readonly reconnects: number;
  readonly wait: (failures: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One stream of server-sent events after the other, as if it were one: when a connection breaks, the next goes on after the last
 * message. Ends when the server says that there is no more to come.
 * @throws {PartituraError} what the server refuses it with; `SERVER_NOT_REACHED` when it is not there at the start
 */
export async function* eventFeed(options: EventFeedOptions): AsyncGenerator<EventSourceMessage> {
  const { reconnects, wait, signal } = options;
  const progress: Progress = { lastId: undefined, connected: false, failures: 0, ended: false };
  while (!signal?.aborted) {
    yield* oneConnection(options, progress);
    if (progress.ended || signal?.aborted) return;
    progress.failures += 1;
    if (progress.failures > reconnects)
      throw new PartituraError('EVENTS_BROKEN_OFF', 'The stream of events breaks off again and again.');
    await wait(progress.failures, signal).catch(() => undefined);
  }
}

interface Progress {
  lastId: string | undefined;
  connected: boolean;
  /** In a row. */
  failures: number;
  ended: boolean;
}

async function* oneConnection(
  { open, signal }: EventFeedOptions,
  progress: Progress,
): AsyncGenerator<EventSourceMessage> {
  try {
    const response = await open(progress.lastId);
    progress.connected = true;
    for await (const message of messagesOf(response.body)) {
      if (message.event === 'closed') {
        progress.ended = reasonOf(message) === 'end';
        return;
      }
      // A server that takes the connection and says nothing more is not one that works again.
      if (message.event !== 'open') progress.failures = 0;
      yield message;
      // After the yield: what the consumer did not get is asked for again.
      progress.lastId = message.id ?? progress.lastId;
    }
  } catch (error) {
    if (!signal?.aborted && !worthTrying(error, progress)) throw error;
  }
}

/** A connection that was cut; a server that is being started again. Not what it refuses, nor one that never was there. */
const worthTrying = (error: unknown, { connected }: Progress): boolean => {
  if (!connected) return false;
  return !(error instanceof PartituraError) || ['SERVER_NOT_REACHED', 'SERVER_STOPPING'].includes(error.code);
};

async function* messagesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<EventSourceMessage> {
  if (!body) return;
  const ready: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => ready.push(message) });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
}

const reasonOf = ({ data }: EventSourceMessage): unknown => {
  const content: unknown = JSON.parse(data);
  return typeof content === 'object' && content !== null ? Reflect.get(content, 'reason') : null;
};
