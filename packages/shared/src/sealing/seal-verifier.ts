import { z } from 'zod';
import type { RecordedEvent, SealedPlace } from '../events/index.ts';
import { sealContent } from '../events/index.ts';
import { type Finding, findingAt, findingFrom } from './findings.ts';
import { emptyLogChain, type LogChain, linked, placeOfEvent } from './log-chain.ts';
import { type Seal, sealHash, signatureFault } from './seal.ts';

const sealData = sealContent.extend({ signature: z.string() });

/** Folds the log's chain again and holds it against every seal. */
export interface SealVerifier {
  /** `sound`: nothing was wrong with the event by itself. */
  event(event: RecordedEvent, sound: boolean): void;
  seal(event: RecordedEvent): readonly Finding[];
  /** What no seal covers yet, and what the last seal says. */
  end(): { readonly unsealed: readonly RecordedEvent[]; readonly seals: number; readonly last: Seal | null };
}

export const sealVerifier = (trusted: ReadonlySet<string>): SealVerifier => {
  let chain: LogChain = emptyLogChain;
  let pending: { readonly event: RecordedEvent; readonly chain: LogChain; readonly sound: boolean }[] = [];
  let seals = 0;
  /** That the next one has to name, good or not. */
  let before: Seal | null = null;
  /** The last good one. */
  let last: Seal | null = null;

  const add = (event: RecordedEvent, sound: boolean): void => {
    chain = linked(chain, event);
    pending.push({ event, chain, sound });
  };

  /** Goes on from what the seal says, so that one change is found once. */
  const goOnFrom = (seal: Seal, covered: number): void => {
    const rest = pending.slice(covered);
    chain = { total: seal.total, head: seal.head };
    pending = [];
    for (const { event, sound } of rest) add(event, sound);
  };

  const contentFault = (seal: Seal): readonly Finding[] => {
    const at = pending.findIndex(({ event }) => isPlace(seal.through, event));
    const covered = pending.slice(0, at + 1);
    const found = covered.at(-1)?.chain ?? {
      total: last?.total ?? 0,
      head: last?.head ?? emptyLogChain.head,
    };
    const whole = seal.events === 0 ? samePlace(seal.through, last?.through) : at >= 0;
    const fits = whole && found.total === seal.total && found.head === seal.head;
    const known = covered.some(({ sound }) => !sound);
    const finding = fits || known ? [] : [windowFinding(seal, found.total, at)];
    goOnFrom(seal, at >= 0 ? at + 1 : pending.length);
    return finding;
  };

  return {
    event: add,
    seal: (event) => {
      seals += 1;
      const parsed = sealData.safeParse(event.data);
      if (!parsed.success) return [forged(event, 'it has not the form of one')];
      const seal: Seal = parsed.data;
      const faults = [
        signatureFault(seal, trusted),
        seal.number === (before?.number ?? 0) + 1 && seal.previous === sealHash(before)
          ? null
          : 'it does not follow on the seal before it',
      ].flatMap((fault) => fault ?? []);
      before = seal;
      if (faults.length > 0) return [forged(event, faults.join(', and '))];
      const findings = contentFault(seal);
      last = seal;
      return findings;
    },
    end: () => ({ unsealed: pending.map(({ event }) => event), seals, last }),
  };
};

const isPlace = ({ stream, revision }: SealedPlace, event: RecordedEvent): boolean =>
  samePlace({ stream, revision }, placeOfEvent(event));

type StreamPlace = Pick<SealedPlace, 'stream' | 'revision'>;
const samePlace = (left: StreamPlace, right: StreamPlace | undefined): boolean =>
  left.stream === right?.stream && left.revision === right.revision;

const named = ({ stream, revision }: SealedPlace): string => `revision ${revision} of ${stream}`;

const windowFinding = (seal: Seal, total: number, at: number): Finding => {
  const { number, through, from } = seal;
  if (at < 0)
    return findingFrom(
      'removed',
      through,
      `Seal ${number} covers the log up to ${named(through)}, which is not there any more.`,
    );
  const where = `between ${named(from ?? through)} and ${named(through)}, as seal ${number} has them`;
  if (total < seal.total)
    return findingFrom('removed', from, `${seal.total - total} events are missing ${where}.`);
  if (total > seal.total)
    return findingFrom('inserted', from, `${total - seal.total} events are too many ${where}.`);
  return findingFrom('reordered', from, `The events ${where}, are not the same or stand in another order.`);
};

const forged = (event: RecordedEvent, why: string): Finding =>
  findingAt('forged_seal', event, `Seal ${event.revision + 1} (${event.id}) is not good: ${why}.`);
