import type { EventStore } from '@partitura/shared/event-store';
import type { OperationHandlers, OperationInput, Operations } from '@partitura/shared/http';
import { newestFirst } from '../queries/asking.ts';
import type { Readers } from '../queries/readers.ts';
import type { RunDocument } from '../runs/runs.ts';
import { byBudget } from './budgets.ts';
import { byGates } from './gates.ts';
import { byLoops } from './loops.ts';
import { type PastRun, readPastRun } from './record.ts';
import { byRetries } from './retries.ts';
import {
  type Backtest,
  type BacktestedRun,
  type Policy,
  presentStop,
  type Stop,
  savedInAll,
} from './stops.ts';

/** What a policy would have done to a run. What comes after the run was stopped would not have come. */
export const backtestRun = (
  run: PastRun,
  policy: Policy,
): Pick<BacktestedRun, 'stops' | 'saved' | 'unknown'> => {
  const findings = [
    byBudget(run, policy.budget),
    byRetries(run, policy.retries),
    byGates(run, policy.gates),
    byLoops(run, policy.loopDetection),
  ];
  const all = findings
    .flatMap(({ stops }) => stops)
    .toSorted((left, right) => (left.at.position < right.at.position ? -1 : 1));
  const end = all.find(({ action }) => action === 'stop_run');
  const stops = end ? all.slice(0, all.indexOf(end) + 1) : all;
  return {
    stops: stops.map(presentStop),
    saved: savedInAll(stops, run),
    unknown: findings.flatMap(({ unknown }) => unknown).filter(({ position }) => isBefore(position, end)),
  };
};

const isBefore = (position: string, end: Stop | undefined): boolean =>
  end === undefined || position < end.at.position;

type Body = OperationInput<Operations['backtestPolicy']>['body'];

interface Chosen {
  readonly runs: readonly RunDocument[];
  readonly truncated: boolean;
}

/** @throws {PartituraError} `RUN_NOT_FOUND`, `PROJECT_NOT_FOUND` */
const choose = async (readers: Readers, { runIds, projectId, since, limit }: Body): Promise<Chosen> => {
  if (projectId !== undefined) await readers.one('projects', projectId);
  const isMeant = (run: RunDocument): boolean =>
    (projectId === undefined || run.projectId === projectId) &&
    (since === undefined || Date.parse(run.createdAt) >= Date.parse(since));
  if (runIds !== undefined) {
    const named: RunDocument[] = [];
    for (const id of new Set(runIds)) named.push(await readers.one('runs', id));
    return { runs: named.filter(isMeant), truncated: false };
  }
  const query = {
    ...(projectId === undefined ? {} : { where: { projectId } }),
    sort: newestFirst('createdAt'),
  };
  const found: RunDocument[] = [];
  for await (const page of readers.pages('runs', query)) {
    found.push(...page.filter(isMeant));
    if (found.length > limit) break;
  }
  return { runs: found.slice(0, limit), truncated: found.length > limit };
};

const totalOf = (runs: Backtest['runs']): Backtest['total'] => {
  const sum = (amountIn: (run: BacktestedRun) => number): number =>
    runs.reduce((total, run) => total + amountIn(run), 0);
  return {
    runs: runs.length,
    stopped: runs.filter(({ stops }) => stops.length > 0).length,
    stops: sum(({ stops }) => stops.length),
    wrongStops: sum(({ stops }) => stops.filter(({ wrongly }) => wrongly === true).length),
    saved: {
      tokens: sum(({ saved }) => saved.tokens),
      costUsd: sum(({ saved }) => saved.costUsd),
      wallMs: sum(({ saved }) => saved.wallMs),
    },
    unknown: sum(({ unknown }) => unknown.length),
  };
};

/** Another policy, tried on what is recorded. Nothing is recorded of it. */
export const backtestHandlers = (
  readers: Readers,
  store: EventStore,
): Pick<OperationHandlers, 'backtestPolicy'> => ({
  backtestPolicy: async ({ body }) => {
    const { runs: chosen, truncated } = await choose(readers, body);
    const runs: BacktestedRun[] = [];
    // One after the other: a run's events are let go of before the next one's are read.
    for (const { id, projectId, status } of chosen) {
      const past = await readPastRun(store, id);
      if (past) runs.push({ runId: id, projectId, status, ...backtestRun(past, body.policy) });
    }
    return { policy: body.policy, runs, total: totalOf(runs), truncated };
  },
});
