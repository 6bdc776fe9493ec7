import { z } from 'zod';
import { canonicalJson } from '../canonical/index.ts';
import { asPosition, eventText, type RecordedEvent } from '../events/index.ts';
import type { Bytes } from '../http/bytes.ts';

/** An event as it was recorded. Where it stands in a store is that store's affair. */
export const eventLine = ({ position: _, ...event }: RecordedEvent): string => `${canonicalJson(event)}\n`;

const line = z.strictObject({
  ...eventText.shape,
  hash: z.string(),
  id: z.string().min(1),
  revision: z.int().nonnegative(),
  version: z.int().positive(),
});

export interface EventReader {
  /** @throws {SyntaxError} for a line that is no event */
  push(chunk: Uint8Array): void;
  /** @throws {SyntaxError} */
  end(): void;
}

/** Takes lines apart as their bytes come; the number of an event's line stands in place of a position. */
export const eventReader = (take: (event: RecordedEvent) => void): EventReader => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  let number = 0;
  const read = (text: string): void => {
    number += 1;
    const parsed = line.safeParse(parsedJson(text));
    if (!parsed.success) throw new SyntaxError(`line ${number} is not an event`);
    // Its hash says whether it is one that was recorded.
    const event: RecordedEvent = { ...parsed.data, position: asPosition(String(number)) };
    if (eventLine(event) !== `${text}\n`) throw new SyntaxError(`line ${number} is not written as it was`);
    take(event);
  };
  return {
    push: (chunk) => {
      const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(read);
    },
    end: () => {
      rest += decoder.decode();
      if (rest !== '') throw new SyntaxError(`line ${number + 1} has no end`);
    },
  };
};

/** Events as they come. @throws {SyntaxError} */
export async function* eventsIn(bytes: Bytes): AsyncGenerator<readonly RecordedEvent[]> {
  let events: RecordedEvent[] = [];
  const reader = eventReader((event) => events.push(event));
  for await (const chunk of bytes) {
    reader.push(chunk);
    if (events.length > 0) yield events;
    events = [];
  }
  reader.end();
}

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
