import { dependencyGraph, type Estimate, isWork, type TaskDefinition } from '@partitura/shared/planning';
import type { Randomness } from '@partitura/shared/runtime';
import { criticalPath } from '../schedule/critical-path.ts';
import { listSchedule, ranksOf } from '../schedule/list-schedule.ts';
import { attemptsNeeded, logNormalFactor, quantile, spreadOf } from './distributions.ts';
import { expectedDurationMs, outputShare, type Speed, tokensExpected } from './speeds.ts';

/** All figures are data: the same input and the same randomness give the same estimate. */
export interface EstimateInput {
  /** A valid plan whose dependencies are between work only (`resolveGroups`). */
  readonly tasks: readonly TaskDefinition[];
  readonly maxAgents: number;
  readonly maxAttempts: number;
  readonly speed: Speed;
  /** Micro-USD for a million tokens; null when the model has no price, and the cost is then said to be 0. */
  readonly price: { readonly input: number; readonly output: number } | null;
  readonly randomness: Randomness;
}

/** Steps of the simulation that take about half a second: a plan of a hundred gets all the rounds, one of a thousand fewer. */
const affordableSteps = 1_000_000;
const mostSimulations = 1_000;
const fewestSimulations = 40;

export const simulationsFor = (tasks: number, dependencies: number): number =>
  Math.min(
    mostSimulations,
    Math.max(fewestSimulations, Math.floor(affordableSteps / Math.max(1, tasks * 4 + dependencies))),
  );

/** How far all the estimates of one plan are off together: without it, errors of many tasks would cancel out to certainty. */
const commonSpread = 0.2;

/** Critical path, schedule under the agent limit, and what a simulation of it says of time, tokens and money. */
export const estimatePlan = (input: EstimateInput): Estimate => {
  const work = input.tasks.filter(isWork);
  const graph = dependencyGraph(work);
  const durations = Float64Array.from(work, (task) => expectedDurationMs(task, input.speed));
  const timing = criticalPath(graph, durations);
  const ranks = ranksOf(
    work.map(({ priority }) => priority),
    timing.tail,
  );
  const schedule = listSchedule(graph, durations, ranks, input.maxAgents);
  const dependencies = graph.dependencies.reduce((sum, on) => sum + on.length, 0);
  const simulations = simulationsFor(work.length, dependencies);
  const totals = simulate(
    input,
    work,
    simulations,
    (drawn) => listSchedule(graph, drawn, ranks, input.maxAgents).length,
    durations,
  );
  const costs = totals.tokens.map((tokens) => costOf(tokens, input.price));
  return {
    durationMs: percentilesOf(totals.durationMs),
    costMicroUsd: percentilesOf(costs),
    tokens: percentilesOf(totals.tokens),
    criticalPath: timing.path.map((index) => graph.keys[index] ?? ''),
    criticalPathMs: timing.length,
    width: schedule.width,
    schedule: graph.keys.map((key, index) => ({
      key,
      startMs: schedule.start[index] ?? 0,
      endMs: schedule.end[index] ?? 0,
      slackMs: timing.slack[index] ?? 0,
      critical: timing.slack[index] === 0,
    })),
    simulations,
  };
};

const costOf = (tokens: number, price: EstimateInput['price']): number =>
  price === null ? 0 : (tokens * ((1 - outputShare) * price.input + outputShare * price.output)) / 1_000_000;

const percentilesOf = (values: Float64Array): { p50: number; p90: number } => {
  const sorted = values.toSorted();
  return { p50: Math.round(quantile(sorted, 0.5)), p90: Math.round(quantile(sorted, 0.9)) };
};

/** Draws every task's size and attempts, and plays the schedule with them. Time and tokens of a task grow together. */
const simulate = (
  { maxAttempts, speed, randomness }: EstimateInput,
  work: readonly TaskDefinition[],
  simulations: number,
  play: (durations: Float64Array) => number,
  expected: Float64Array,
): { durationMs: Float64Array; tokens: Float64Array } => {
  const durationMs = new Float64Array(simulations);
  const tokens = new Float64Array(simulations);
  const drawn = new Float64Array(work.length);
  for (let round = 0; round < simulations; round += 1) {
    const common = logNormalFactor(commonSpread, randomness);
    let spent = 0;
    for (const [index, task] of work.entries()) {
      const failure = Math.min(0.9, speed.failure.base + speed.failure.perPoint * task.complexity);
      const attempts = attemptsNeeded(failure, maxAttempts, randomness);
      const size = common * attempts * logNormalFactor(spreadOf(task.complexity), randomness);
      drawn[index] = (expected[index] ?? 0) * size;
      spent += tokensExpected(task) * size;
    }
    durationMs[round] = play(drawn);
    tokens[round] = spent;
  }
  return { durationMs, tokens };
};
