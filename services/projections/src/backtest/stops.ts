import { addUsage, noUsage, tokensOf } from '@partitura/shared/events';
import type { OperationInput, OperationOutput, Operations } from '@partitura/shared/http';
import type { Call, PastRun, Word } from './record.ts';

export type Backtest = OperationOutput<Operations['backtestPolicy']>;
export type Policy = OperationInput<Operations['backtestPolicy']>['body']['policy'];
export type BacktestedRun = Backtest['runs'][number];
type Shown = BacktestedRun['stops'][number];
export type Saved = Shown['saved'];
export type Unknown = BacktestedRun['unknown'][number];

/** Where a rule would have stopped something. */
export interface Stop {
  readonly setting: string;
  readonly action: Shown['action'];
  readonly subject: string;
  readonly detail: string;
  /** At which it would have been decided. */
  readonly at: Word;
  /** When, in milliseconds since the epoch: a deadline passes between two events. */
  readonly time: number;
  /** Calls that would not have been made. */
  readonly spares: readonly Call[];
  /** When what was stopped was over in truth, in milliseconds since the epoch. */
  readonly until: number;
  readonly wrongly: boolean | null;
  readonly outcome: string;
}

/** What a rule says of a run. */
export interface Finding {
  readonly stops: readonly Stop[];
  readonly unknown: readonly Unknown[];
}

export const nothingFound: Finding = { stops: [], unknown: [] };

const savedBy = (calls: Iterable<Call>, wallMs: number): Saved => {
  let usage = noUsage;
  for (const call of calls) usage = addUsage(usage, call.usage);
  return { tokens: tokensOf(usage), costUsd: usage.costMicroUsd / 1_000_000, wallMs: Math.max(0, wallMs) };
};

export const presentStop = ({ at, time, spares, until, ...stop }: Stop): Shown => ({
  ...stop,
  eventId: at.id,
  position: at.position,
  time: new Date(time).toISOString(),
  saved: savedBy(spares, until - time),
});

/** Only the run's own end is time that nobody waits: what is stopped beside others is done while they go on. */
export const savedInAll = (stops: readonly Stop[], { endedAt }: PastRun): Saved => {
  const calls = new Set(stops.flatMap(({ spares }) => spares));
  const ends = stops.filter(({ action }) => action === 'stop_run').map(({ time }) => time);
  return savedBy(calls, ends.length === 0 ? 0 : endedAt - Math.min(...ends));
};

export const callsFrom = (
  { calls }: PastRun,
  position: string,
  isMeant: (call: Call) => boolean,
): readonly Call[] => calls.filter((call) => call.position >= position && isMeant(call));

export const unknownAt = (setting: string, subject: string, at: Word, detail: string): Unknown => ({
  setting,
  subject,
  position: at.position,
  detail,
});
