import { setImmediate as nextTurn } from 'node:timers/promises';
import { backoffAfter } from '../../runtime/backoff.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { Progress } from './lane.ts';

export interface Committing {
  add(progress: readonly Progress[]): void;
  /** Resolves when all that was added is stored, or given up because that took longer than `ms`. */
  settled(ms: number): Promise<void>;
  /** What is not stored is not stored any more: it will be handled again. */
  giveUp(): void;
}

export interface CommittingOptions {
  readonly commit: (progress: readonly Progress[]) => Promise<void>;
  /** Whether somebody else has the lanes by now. */
  readonly isLost: (error: unknown) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pauses = { backoffMs: 50, maxBackoffMs: 1_000 };

/**
 * Stores progress one commit after the other, never two at once: what lanes get done while one is under way goes into the next. A
 * thousand small batches are far fewer commits, and no older one can arrive after a newer one.
 */
export const committing = ({ commit, isLost, clock, logger }: CommittingOptions): Committing => {
  const waiting = new Map<string, Progress>();
  const ending = new AbortController();
  let storing: Promise<void> | null = null;

  const keyOf = ({ topic, lane }: Progress): string => `${topic}/${lane}`;

  /** How many in a row have failed by now. */
  const storeWaiting = async (failures: number): Promise<number> => {
    const progress = [...waiting.values()];
    waiting.clear();
    try {
      await commit(progress);
      return 0;
    } catch (error) {
      return await afterFailure(progress, error, failures);
    }
  };

  const afterFailure = async (
    progress: readonly Progress[],
    error: unknown,
    failures: number,
  ): Promise<number> => {
    if (ending.signal.aborted) return failures;
    if (isLost(error)) {
      logger.debug({ error }, 'what was handled is not stored: the group has a new order');
      return failures;
    }
    if (failures === 0) logger.warn({ error }, 'what was handled could not be stored yet');
    // Unless the lane has gone on meanwhile.
    for (const one of progress) if (!waiting.has(keyOf(one))) waiting.set(keyOf(one), one);
    await clock.sleep(backoffAfter(pauses, failures + 1), ending.signal).catch(() => {});
    return failures + 1;
  };

  const store = async (): Promise<void> => {
    await nextTurn();
    let failures = 0;
    while (waiting.size > 0 && !ending.signal.aborted) failures = await storeWaiting(failures);
  };

  const storeOnce = (): Promise<void> => {
    storing ??= store().finally(() => {
      storing = null;
      if (waiting.size > 0 && !ending.signal.aborted) void storeOnce();
    });
    return storing;
  };

  const allStored = async (): Promise<void> => {
    while (storing !== null && !ending.signal.aborted) await storing;
  };

  return {
    add: (progress) => {
      if (progress.length === 0 || ending.signal.aborted) return;
      for (const one of progress) waiting.set(keyOf(one), one);
      void storeOnce();
    },
    settled: async (ms) => {
      const stored = new AbortController();
      const tooLong = clock.sleep(ms, stored.signal).then(
        () => ending.abort(),
        () => {},
      );
      await Promise.race([allStored(), tooLong]);
      stored.abort();
      await tooLong;
    },
    giveUp: () => ending.abort(),
  };
};

/** As kafkajs takes it. The position goes along as what Kafka calls the commit's metadata. */
export const offsetOf = ({ topic, lane, offset, position }: Progress) => ({
  topic,
  partition: lane,
  offset: String(offset),
  metadata: position,
});
