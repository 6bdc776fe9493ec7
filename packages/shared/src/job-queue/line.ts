import TinyQueue from 'tinyqueue';

/**
 * A priority queue from which anything can be taken out at once: what is not `present` any more is passed over when its turn
 * comes, and swept out when it is more than half of all.
 */
export interface Line<Item> {
  push(item: Item): void;
  /** The first that is present. */
  peek(): Item | undefined;
  pop(): Item | undefined;
  /** Told that an item is not present any more. */
  left(): void;
  size(): number;
}

const smallest = 64;

export const line = <Item>(
  compare: (left: Item, right: Item) => number,
  present: (item: Item) => boolean,
): Line<Item> => {
  let heap = new TinyQueue<Item>([], compare);
  let size = 0;
  const peek = (): Item | undefined => {
    let first = heap.peek();
    while (first !== undefined && !present(first)) {
      heap.pop();
      first = heap.peek();
    }
    return first;
  };
  return {
    push: (item) => {
      heap.push(item);
      size += 1;
    },
    peek,
    pop: () => {
      if (peek() === undefined) return undefined;
      size -= 1;
      return heap.pop();
    },
    left: () => {
      size -= 1;
      if (heap.length > smallest && heap.length > size * 2)
        heap = new TinyQueue(heap.data.filter(present), compare);
    },
    size: () => size,
  };
};
