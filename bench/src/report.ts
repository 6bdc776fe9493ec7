import type { Benchmark, Round, Target } from './benchmark.ts';
import { median } from './statistics.ts';

export interface Result {
  readonly benchmark: Benchmark;
  readonly rounds: readonly Round[];
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
/** Milliseconds of one digit have a second one. */
const number = { format: (value: number): string => (value < 10 ? small : whole).format(value) };
const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;

/** Ratios are taken within a round, so that a noisy moment of the machine hits both sides; the median is of the ratios. */
const shareOf = (rounds: readonly Round[]): number | null => {
  const shares = rounds.flatMap(({ ours, limit }) => (limit === null ? [] : [ours / limit]));
  return shares.length === 0 ? null : median(shares);
};

const targetText = (target: Target, unit: string): string => {
  switch (target.kind) {
    case 'share':
      return `≥ ${percent(target.atLeast)}`;
    case 'at_least':
      return `≥ ${number.format(target.value)} ${unit}`;
    case 'at_most':
      return `≤ ${number.format(target.value)} ${unit}`;
  }
};

const isMet = ({ target }: Benchmark, rounds: readonly Round[]): boolean => {
  const ours = median(rounds.map((round) => round.ours));
  switch (target.kind) {
    case 'share':
      return (shareOf(rounds) ?? 0) >= target.atLeast;
    case 'at_least':
      return ours >= target.value;
    case 'at_most':
      return ours <= target.value;
  }
};

const besideText = (rounds: readonly Round[]): string => {
  const names = new Set(rounds.flatMap(({ beside }) => Object.keys(beside ?? {})));
  return [...names]
    .map((name) => `${name} ${number.format(median(rounds.flatMap(({ beside }) => beside?.[name] ?? [])))}`)
    .join(', ');
};

const row = ({ benchmark, rounds }: Result): string => {
  const limits = rounds.flatMap(({ limit }) => (limit === null ? [] : [limit]));
  const share = shareOf(rounds);
  const cells = [
    benchmark.name,
    `${number.format(median(rounds.map(({ ours }) => ours)))} ${benchmark.unit}`,
    limits.length === 0 ? '' : number.format(median(limits)),
    share === null ? '' : percent(share),
    targetText(benchmark.target, benchmark.unit),
    isMet(benchmark, rounds) ? 'met' : '**missed**',
    besideText(rounds),
  ];
  return `| ${cells.join(' | ')} |`;
};

/** The table of `bench/README.md`, in Markdown. */
export const table = (results: readonly Result[]): string =>
  [
    '| benchmark | ours | limit | share | target | | beside |',
    '|---|---|---|---|---|---|---|',
    ...results.map(row),
  ].join('\n');
