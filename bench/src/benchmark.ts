/** One measured quantity of one round. */
export interface Round {
  /** What Partitura does: events, tasks, milliseconds …, in the benchmark's unit. */
  readonly ours: number;
  /** The limit it is held against, measured in the same round; null when the target is absolute. */
  readonly limit: number | null;
  /** Further figures of the round, for example `{ rssMiB: 91 }`. */
  readonly beside?: Readonly<Record<string, number>>;
}

export type Target =
  /** `ours / limit` has to be at least this. */
  | { readonly kind: 'share'; readonly atLeast: number }
  | { readonly kind: 'at_least'; readonly value: number }
  | { readonly kind: 'at_most'; readonly value: number };

/** A benchmark measures one thing in rounds, ours and the limit one after the other in each. */
export interface Benchmark {
  readonly name: string;
  /** What a figure counts, for example `events/s`. */
  readonly unit: string;
  /** One line: what is done, with the durability setting. */
  readonly method: string;
  readonly target: Target;
  readonly rounds: number;
  /** `index` counts from 0; the runner discards a first round as warm-up before it. */
  round(index: number): Promise<Round>;
  /** Closes what its rounds shared: what stays open keeps the process from ending. */
  close?(): Promise<void>;
}
