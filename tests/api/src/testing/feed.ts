import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface FeedOptions {
  readonly key?: string | undefined;
  readonly lastEventId?: string | undefined;
}

/** One connection to a stream of server-sent events: what came over it, and nothing that makes up for its end. */
export interface Feed {
  readonly messages: readonly EventSourceMessage[];
  /** Until a message is as wanted. @throws {Error} when the stream ends before */
  until(wanted: (message: EventSourceMessage) => boolean): Promise<EventSourceMessage>;
  /** Cuts it off, in the middle of whatever is on its way. */
  cut(): void;
  /** Resolves when it is over, whoever ended it. */
  readonly ended: Promise<void>;
}

/** @throws {Error} with the status, when it is refused; {TypeError} when nobody listens there */
export const openFeed = async (url: string, { key, lastEventId }: FeedOptions = {}): Promise<Feed> => {
  const cutting = new AbortController();
  const response = await fetch(url, {
    signal: cutting.signal,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (response.status !== 200 || !response.body)
    throw new Error(`${response.status} ${await response.text()}`);
  const messages: EventSourceMessage[] = [];
  let over = false;
  let changed = Promise.withResolvers<void>();
  const wake = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const { body } = response;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of body) {
        parser.feed(decoder.decode(bytes, { stream: true }));
        wake();
      }
    } catch (error) {
      // A connection that was cut breaks off; whatever ends it, what came before counts.
      if (!cutting.signal.aborted && !(error instanceof TypeError)) throw error;
    } finally {
      over = true;
      wake();
    }
  };
  const ended = read();
  return {
    messages,
    ended,
    cut: () => cutting.abort(),
    until: async (wanted) => {
      for (let next = 0; ; next += 1) {
        while (next >= messages.length && !over) await changed.promise;
        const message = messages[next];
        if (!message) throw new Error(`It ended after ${messages.length} messages.`);
        if (wanted(message)) return message;
      }
    },
  };
};
