/** How quickly an agent with a model gets through work. Rough on purpose: the simulation spreads around it. */
export interface Speed {
  /** The start of `provider/model`; of several that fit, the longest counts. */
  readonly model: string;
  readonly inputTokensPerSecond: number;
  readonly outputTokensPerSecond: number;
  /** For each task, whatever its size: worktree, checks, merge. */
  readonly overheadMs: number;
  /** For each point of complexity: commands and tests that are run on the way. */
  readonly perPointMs: number;
  /** Chance that an attempt fails, and what each point of complexity adds to it. */
  readonly failure: { readonly base: number; readonly perPoint: number };
}

const hosted = {
  inputTokensPerSecond: 4_000,
  overheadMs: 8_000,
  perPointMs: 6_000,
  failure: { base: 0.04, perPoint: 0.012 },
};

export const speeds: readonly Speed[] = [
  { model: '', ...hosted, outputTokensPerSecond: 60 },
  { model: 'anthropic/claude-opus', ...hosted, outputTokensPerSecond: 55 },
  { model: 'anthropic/claude-sonnet', ...hosted, outputTokensPerSecond: 75 },
  {
    model: 'anthropic/claude-haiku',
    ...hosted,
    outputTokensPerSecond: 140,
    failure: { base: 0.06, perPoint: 0.018 },
  },
  { model: 'openai/', ...hosted, outputTokensPerSecond: 80 },
  {
    model: 'rehearsal/',
    inputTokensPerSecond: 50_000_000,
    outputTokensPerSecond: 5_000_000,
    overheadMs: 250,
    perPointMs: 40,
    failure: { base: 0.02, perPoint: 0.002 },
  },
];

export const speedOf = (model: string, table: readonly Speed[] = speeds): Speed =>
  table
    .filter((speed) => model.startsWith(speed.model))
    .reduce((best, speed) => (speed.model.length > best.model.length ? speed : best));

/** Of what a task takes, what the model writes; the rest is read, over and over. */
export const outputShare = 0.12;

/** For a task whose estimate says nothing. */
const tokensPerPoint = 15_000;

export const tokensExpected = (task: {
  readonly estimatedTokens: number;
  readonly complexity: number;
}): number => (task.estimatedTokens > 0 ? task.estimatedTokens : task.complexity * tokensPerPoint);

/** One attempt that succeeds. Whole milliseconds, at least 1. */
export const expectedDurationMs = (
  task: { readonly estimatedTokens: number; readonly complexity: number },
  speed: Speed,
): number => {
  const tokens = tokensExpected(task);
  const writing = (tokens * outputShare) / speed.outputTokensPerSecond;
  const reading = (tokens * (1 - outputShare)) / speed.inputTokensPerSecond;
  return Math.max(
    1,
    Math.round((writing + reading) * 1_000 + speed.overheadMs + task.complexity * speed.perPointMs),
  );
};
