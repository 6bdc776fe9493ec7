import { createHash } from 'node:crypto';
import { canonicalJson } from '@partitura/shared/canonical';
import { type Clock, PartituraError } from '@partitura/shared/runtime';

/**
 * The same key with the same body gets the first answer, also while the first is still at work; with another body it is refused.
 *
 * The answers are kept in memory, for a day. After a restart the command is sent to its owner again with the same id, derived
 * from the key: the log acknowledges the events it has already and nothing happens twice, as far as the owner derives its ids
 * from that of the command. Only the refusal of another body is not remembered then.
 */
export interface Idempotency {
  once<Answer>(commandId: string, body: unknown, work: () => Promise<Answer>): Promise<Answer>;
}

interface First {
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
  readonly until: number;
}

const day = 24 * 3_600_000;
const mostKept = 10_000;

export const idempotency = (clock: Clock): Idempotency => {
  /** In the order of their age. */
  const firsts = new Map<string, First>();

  const forgetOld = (): void => {
    for (const [id, { until }] of firsts) {
      if (until > clock.now() && firsts.size <= mostKept) return;
      firsts.delete(id);
    }
  };

  return {
    once: async <Answer>(commandId: string, body: unknown, work: () => Promise<Answer>) => {
      forgetOld();
      const fingerprint = hashOf(canonicalJson(body ?? null));
      const first = firsts.get(commandId);
      if (first && first.fingerprint !== fingerprint)
        throw new PartituraError(
          'IDEMPOTENCY_KEY_REUSED',
          'This Idempotency-Key came with another body before.',
          { advice: 'Use a new key for another command.' },
        );
      // One id is one operation: what it answered is what it answers.
      if (first) return first.answer as Promise<Answer>;
      const answer = work();
      firsts.set(commandId, { fingerprint, answer, until: clock.now() + day });
      try {
        return await answer;
      } catch (error) {
        // Nothing happened: the caller may mend what was wrong and try again.
        firsts.delete(commandId);
        throw error;
      }
    },
  };
};

/** The same key of the same caller for the same operation on the same thing is the same command. */
export const commandIdOf = (actor: string, operation: string, target: string, key: string): string =>
  `c_${hashOf(JSON.stringify([actor, operation, target, key])).slice(0, 32)}`;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
