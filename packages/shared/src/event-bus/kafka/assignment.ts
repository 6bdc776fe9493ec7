import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from '../../events/index.ts';
import { type Lane, lane, type Progress } from './lane.ts';
import type { ReceivedMessage } from './messages.ts';

export interface AssignmentOptions {
  readonly lanes: readonly number[];
  /** Up to where the topics' parts of a lane were handled before. */
  readonly positionsOf: (lane: number) => ReadonlyMap<string, Position>;
  readonly isWanted: (message: ReceivedMessage) => boolean;
  readonly batchSize: number;
  /** Tries until it works; false when the signal aborts before. */
  readonly handle: (messages: readonly ReceivedMessage[], signal: AbortSignal) => Promise<boolean>;
  /** A lane went on. */
  readonly onHandled: (lane: Lane, progress: readonly Progress[]) => void;
  /** Of what is at work on lanes, now and in earlier assignments: by lane. */
  readonly atWork: Map<number, Promise<void>>;
}

/** The lanes a member has between one rebalance of its group and the next. */
export interface Assignment {
  readonly lanes: readonly number[];
  /** @returns the lane it is in; null for one that is not ours */
  receive(number: number, topic: string, messages: readonly ReceivedMessage[]): Lane | null;
  /** From now on no batch begins; one that fails is not tried again. */
  close(): void;
  /** Resolves when no batch is at work any more. */
  idle(): Promise<void>;
}

/**
 * Lanes are handled side by side, each one batch after the other: a run is in one lane. A lane that an earlier assignment still
 * works on waits for it.
 */
export const assignment = (options: AssignmentOptions): Assignment => {
  const { lanes, positionsOf, isWanted, batchSize, handle, onHandled, atWork } = options;
  const closing = new AbortController();
  const own = new Map(lanes.map((number) => [number, lane(number, positionsOf(number), isWanted)]));
  const working = new Map<number, Promise<void>>();

  const handleNext = async (at: Lane): Promise<void> => {
    const { messages, progress } = at.take(batchSize);
    if (messages.length > 0 && !(await handle(messages, closing.signal))) return;
    onHandled(at, progress);
  };

  const work = async (at: Lane): Promise<void> => {
    await atWork.get(at.number);
    // What one fetch brought of other topics is put into the lane in this turn, and may stand before it in the log.
    await nextTurn();
    const done = Promise.withResolvers<void>();
    atWork.set(at.number, done.promise);
    try {
      while (!closing.signal.aborted && !at.isEmpty()) await handleNext(at);
    } finally {
      done.resolve();
    }
  };

  const wake = (at: Lane): void => {
    if (working.has(at.number) || closing.signal.aborted) return;
    const turn = work(at).finally(() => {
      working.delete(at.number);
      if (!at.isEmpty()) wake(at);
    });
    working.set(at.number, turn);
  };

  return {
    lanes,
    receive: (number, topic, messages) => {
      const at = own.get(number);
      if (!at || closing.signal.aborted) return null;
      at.add(topic, messages);
      wake(at);
      return at;
    },
    close: () => closing.abort(),
    idle: async () => {
      await Promise.all(working.values());
    },
  };
};
