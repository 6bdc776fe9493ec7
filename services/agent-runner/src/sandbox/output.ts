/** Keeps the head and the tail of what a command says: the first error and the last are what matters. */
export interface OutputCollector {
  add(chunk: Buffer): void;
  text(): string;
  truncated(): boolean;
}

const decode = (bytes: Buffer): string => new TextDecoder('utf-8').decode(bytes);

export const outputCollector = (maxBytes: number): OutputCollector => {
  const headLimit = Math.ceil(maxBytes / 2);
  const tailLimit = maxBytes - headLimit;
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let dropped = 0;

  const addToTail = (chunk: Buffer): void => {
    tail.push(chunk);
    tailBytes += chunk.length;
    // Cut rarely, not at every chunk: a command that floods costs us a copy per megabyte.
    if (tailBytes <= 2 * tailLimit + 65_536) return;
    cutTail();
  };
  const cutTail = (): void => {
    const whole = Buffer.concat(tail);
    const excess = Math.max(0, whole.length - tailLimit);
    dropped += excess;
    tail = [whole.subarray(excess)];
    tailBytes = whole.length - excess;
  };

  return {
    add: (chunk) => {
      const room = Math.max(0, headLimit - headBytes);
      if (room > 0) {
        const part = chunk.subarray(0, room);
        head.push(part);
        headBytes += part.length;
      }
      if (chunk.length > room) addToTail(chunk.subarray(room));
    },
    text: () => {
      cutTail();
      const first = Buffer.concat(head);
      const last = Buffer.concat(tail);
      if (dropped === 0) return decode(Buffer.concat([first, last]));
      return `${decode(first)}\n[… ${dropped} bytes of output left out …]\n${decode(last)}`;
    },
    truncated: () => {
      cutTail();
      return dropped > 0;
    },
  };
};
