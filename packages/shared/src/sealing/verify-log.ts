import { setImmediate as othersTurn } from 'node:timers/promises';
import type { ExaminedPage } from '../event-store/index.ts';
import type { RecordedEvent } from '../events/index.ts';
import { type Finding, findingAt, ofStorage } from './findings.ts';
import { isSeal } from './log-chain.ts';
import { sealVerifier } from './seal-verifier.ts';
import { streamVerifier } from './stream-verifier.ts';
import { confrontation, type Witness } from './witness.ts';

export interface LogVerdict {
  readonly intact: boolean;
  readonly events: number;
  readonly streams: number;
  readonly seals: number;
  /** Events that no seal covers yet. */
  readonly unsealed: number;
  /** Events that the read models had seen, and that were compared; null without read models to ask. */
  readonly witnessed: number | null;
  readonly findings: readonly Finding[];
  /** There are more than are named. */
  readonly more: boolean;
}

export interface Verification {
  /** The log as its store examines it. */
  readonly pages: AsyncIterable<ExaminedPage>;
  /** Fingerprints of keys whose seals are good. */
  readonly trusted: ReadonlySet<string>;
  readonly witness: Witness | null;
  /** Nobody works on the log: behind a seal that was made at the end there must not be anything. */
  readonly atRest: boolean;
  /** The most findings that are named. Default 100. */
  readonly mostFindings?: number;
}

/** Looks at all of a log: every stream's chain, the chain over all of them, every seal, and what was seen of it outside. */
export const verifyLog = async (verification: Verification): Promise<LogVerdict> => {
  const { pages, trusted, atRest, mostFindings = 100 } = verification;
  const streams = streamVerifier();
  const seals = sealVerifier(trusted);
  const outside = verification.witness === null ? null : confrontation(verification.witness);
  const findings: Finding[] = [];
  let events = 0;
  let more = false;

  const report = (found: readonly Finding[]): void => {
    for (const finding of found) {
      if (findings.length < mostFindings) findings.push(finding);
      else more = true;
    }
  };

  const check = async (event: RecordedEvent): Promise<void> => {
    events += 1;
    const found = streams.check(event);
    const seen = outside === null ? [] : await outside.meet(event);
    report(found);
    report(seen);
    if (isSeal(event)) report(seals.seal(event));
    else seals.event(event, found.length + seen.length === 0);
  };

  for await (const page of pages) {
    report(page.findings.map(ofStorage));
    for (const event of page.events) await check(event);
    // A log may be long, and whoever looks at it may be serving others.
    await othersTurn();
  }
  if (outside !== null) report(await outside.end());
  const { unsealed, seals: count, last } = seals.end();
  if (atRest && last?.closing === true) report(unsealed.map(addedLater));
  return {
    intact: findings.length === 0,
    events,
    streams: streams.heads().size,
    seals: count,
    unsealed: unsealed.length,
    witnessed: outside?.seen() ?? null,
    findings,
    more,
  };
};

const addedLater = (event: RecordedEvent): Finding =>
  findingAt(
    'inserted',
    event,
    `Revision ${event.revision} of ${event.stream} (${event.type}) stands behind the seal that the last process made at its end: it was added since.`,
  );
