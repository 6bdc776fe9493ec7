import { beginning, type Position } from '../../events/index.ts';
import { positionOf, type ReceivedMessage } from './messages.ts';

/** How far a partition of a topic is handled. */
export interface Progress {
  readonly topic: string;
  readonly lane: number;
  /** The first that is not handled. */
  readonly offset: bigint;
  /** Of the last event that is: what comes again and is not after it is a duplicate of the relay's. */
  readonly position: Position;
}

export interface LaneBatch {
  readonly messages: readonly ReceivedMessage[];
  /** Where the lane is when they are handled. */
  readonly progress: readonly Progress[];
}

/** What was fetched of one lane and is not handled yet. */
export interface Lane {
  readonly number: number;
  add(topic: string, messages: readonly ReceivedMessage[]): void;
  /** Whether enough of a topic waits here, so that no more is to be fetched for now. */
  isFull(topic: string): boolean;
  isEmpty(): boolean;
  /**
   * The next of them in the order of the log, as far as they are here, at most `most` that are wanted. What is not wanted, or was
   * handled before, only moves the lane on.
   */
  take(most: number): LaneBatch;
}

interface Line {
  readonly messages: ReceivedMessage[];
  bytes: number;
  position: string;
}

const mostWaiting = { messages: 1_000, bytes: 1_048_576 };

/** `positions`: up to where each topic's part of the lane was handled before. */
export const lane = (
  number: number,
  positions: ReadonlyMap<string, Position>,
  isWanted: (message: ReceivedMessage) => boolean,
): Lane => {
  const lines = new Map<string, Line>();

  const lineOf = (topic: string): Line => {
    const known = lines.get(topic);
    if (known) return known;
    const created = { messages: [], bytes: 0, position: positions.get(topic) ?? beginning };
    lines.set(topic, created);
    return created;
  };

  /** The topic whose next message stands first in the log. */
  const next = (): { topic: string; line: Line; message: ReceivedMessage } | null => {
    let first: { topic: string; line: Line; message: ReceivedMessage; position: string } | null = null;
    for (const [topic, line] of lines) {
      const [message] = line.messages;
      if (!message) continue;
      const position = positionOf(message) ?? '';
      if (first === null || position < first.position) first = { topic, line, message, position };
    }
    return first;
  };

  return {
    number,
    add: (topic, messages) => {
      const line = lineOf(topic);
      line.messages.push(...messages);
      for (const message of messages) line.bytes += sizeOf(message);
    },
    isFull: (topic) => {
      const { messages, bytes } = lineOf(topic);
      return messages.length >= mostWaiting.messages || bytes >= mostWaiting.bytes;
    },
    isEmpty: () => [...lines.values()].every(({ messages }) => messages.length === 0),
    take: (most) => {
      const messages: ReceivedMessage[] = [];
      const moved = new Map<string, Progress>();
      for (let at = next(); at !== null && messages.length < most; at = next()) {
        const { topic, line, message } = at;
        line.messages.shift();
        line.bytes -= sizeOf(message);
        const position = positionOf(message) ?? '';
        const isNew = position > line.position;
        if (isNew) line.position = position;
        if (isNew && isWanted(message)) messages.push(message);
        moved.set(topic, {
          topic,
          lane: number,
          offset: BigInt(message.offset) + 1n,
          position: line.position as Position,
        });
      }
      return { messages, progress: [...moved.values()] };
    },
  };
};

const sizeOf = ({ value }: ReceivedMessage): number => value?.length ?? 0;
