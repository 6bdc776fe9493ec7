import type {
  Amount,
  Budget,
  DocumentReference,
  ForkedRun,
  ProjectEvent,
  Repository,
  RunConfiguration,
} from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import { type Configure, configure, existing, open, type RevisePrd, remove, revisePrd } from './changes.ts';
import { evolveProject } from './evolve.ts';
import { copyProject, type Project, type ProjectState } from './state.ts';

export type ProjectCommand =
  | {
      readonly kind: 'create';
      readonly projectId: string;
      readonly name: string;
      readonly prd: DocumentReference;
      readonly repository: Repository;
      readonly stack: readonly string[];
      readonly constraints: readonly string[];
      readonly successCriteria: readonly string[];
      readonly budget: Budget | null;
      readonly workflow: string;
    }
  | {
      readonly kind: 'request_run';
      readonly runId: string;
      readonly configuration: RunConfiguration;
      /** Where a fork goes on from. */
      readonly fork?: ForkedRun;
    }
  | { readonly kind: 'reopen_run'; readonly runId: string; readonly budget: Budget | null }
  | { readonly kind: 'note_phase'; readonly runId: string; readonly phase: string; readonly title: string }
  | {
      readonly kind: 'settle_run';
      readonly runId: string;
      readonly status: string;
      readonly spent: Amount;
      readonly completed: { readonly branch: string | null; readonly commit: string | null } | null;
    }
  | Configure
  | RevisePrd
  | { readonly kind: 'archive' }
  | { readonly kind: 'remove' };

type CommandOf<Kind extends ProjectCommand['kind']> = Extract<ProjectCommand, { kind: Kind }>;

const create = (command: CommandOf<'create'>, state: ProjectState): readonly ProjectEvent[] => {
  if (state !== null) return [];
  const { projectId, name, prd, repository, budget, workflow } = command;
  const { stack, constraints, successCriteria } = command;
  return [
    {
      type: 'project.created',
      data: {
        projectId,
        name,
        prd,
        repository,
        budget,
        workflow,
        stack: [...stack],
        constraints: [...constraints],
        successCriteria: [...successCriteria],
      },
    },
  ];
};

/** What is left of a limit after what was spent and what other runs have set aside; null for no limit. */
const leftOf = (limit: number | null, spent: number, live: Iterable<number>): number | null => {
  if (limit === null) return null;
  let left = limit - spent;
  for (const reserved of live) left -= reserved;
  return Math.max(0, left);
};

const smaller = (own: number | null, left: number | null): number | null => {
  if (own === null) return left;
  return left === null ? own : Math.min(own, left);
};

/**
 * A run gets what it asks for or what is left of the project, whichever is less, set aside until it ends: caps on each run alone
 * would let the sum of them go past the project's limit.
 */
const requestRun = (command: CommandOf<'request_run'>, state: ProjectState): readonly ProjectEvent[] => {
  const project = existing(state);
  if (project.requested.has(command.runId)) return [];
  open(project);
  const { runId, configuration } = command;
  const fork = command.fork ? { fork: command.fork } : {};
  if (project.budget === null)
    return [{ type: 'project.run_requested', data: { runId, reserved: null, configuration, ...fork } }];
  const budget = budgetOfRun(project, project.budget, configuration.budget);
  const reserved = { tokens: budget.tokens ?? 0, microUsd: budget.microUsd ?? 0 };
  return [
    {
      type: 'project.run_requested',
      data: { runId, reserved, configuration: { ...configuration, budget }, ...fork },
    },
  ];
};

/** What the project's limits leave for another run; null where there is none. */
const leftOfProject = (
  project: Project,
  whole: Budget,
): { tokens: number | null; microUsd: number | null } => {
  const live = [...project.live.values()];
  const reserved = (limit: keyof Amount): number[] => live.map((amount) => amount?.[limit] ?? 0);
  return {
    tokens: leftOf(whole.tokens, project.spent.tokens, reserved('tokens')),
    microUsd: leftOf(whole.microUsd, project.spent.microUsd, reserved('microUsd')),
  };
};

const exhausted = (project: Project): PartituraError =>
  new PartituraError(
    'BUDGET_EXHAUSTED',
    `Too little is left of the budget of project ${project.id}: it is spent, or set aside for runs that go on.`,
    { advice: 'Wait for those runs, or raise the project’s budget.' },
  );

/** @throws {PartituraError} `BUDGET_EXHAUSTED` */
const budgetOfRun = (project: Project, whole: Budget, own: Budget | null): Budget => {
  const { tokens, microUsd } = leftOfProject(project, whole);
  if (tokens === 0 || microUsd === 0) throw exhausted(project);
  if (own === null) return { ...whole, tokens, microUsd };
  return {
    ...own,
    tokens: smaller(own.tokens, tokens),
    microUsd: smaller(own.microUsd, microUsd),
    wallMs: smaller(own.wallMs, whole.wallMs),
  };
};

/** A run that is opened again keeps its limits, so all that it has left of them must be there to be set aside. */
const reopenRun = (command: CommandOf<'reopen_run'>, project: ProjectState): readonly ProjectEvent[] => {
  const { runId, budget } = command;
  if (project?.removed) existing(project);
  const ended = project?.ended.get(runId);
  if (project === null || ended === undefined || project.live.has(runId)) return [];
  if (project.budget === null) return [{ type: 'project.run_reopened', data: { runId, reserved: null } }];
  const reserved = {
    tokens: Math.max(0, (budget?.tokens ?? 0) - ended.tokens),
    microUsd: Math.max(0, (budget?.microUsd ?? 0) - ended.microUsd),
  };
  const left = leftOfProject(project, project.budget);
  const fits = (limit: keyof Amount): boolean => reserved[limit] <= (left[limit] ?? Number.POSITIVE_INFINITY);
  if (!fits('tokens') || !fits('microUsd')) throw exhausted(project);
  return [{ type: 'project.run_reopened', data: { runId, reserved } }];
};

const isSettled = (project: Project, { runId, status, spent }: CommandOf<'settle_run'>): boolean => {
  const before = project.ended.get(runId);
  return (
    !project.live.has(runId) &&
    before?.status === status &&
    before.tokens === spent.tokens &&
    before.microUsd === spent.microUsd
  );
};

const settleRun = (command: CommandOf<'settle_run'>, project: ProjectState): readonly ProjectEvent[] => {
  const { runId, status, spent, completed } = command;
  if (project === null || !project.requested.has(runId) || isSettled(project, command)) return [];
  const settled: ProjectEvent = { type: 'project.run_settled', data: { runId, status, ...spent } };
  // What agents tell after the end changes what a run cost and not how it ended. One that was opened again ends anew.
  const isTold = !project.live.has(runId) && project.ended.get(runId)?.status === status;
  return completed === null || isTold
    ? [settled]
    : [settled, { type: 'project.completed', data: { runId, ...completed } }];
};

const notePhase = (
  { runId, phase, title }: CommandOf<'note_phase'>,
  project: ProjectState,
): readonly ProjectEvent[] => {
  if (project === null || !project.requested.has(runId) || project.phases.get(runId) === phase) return [];
  // Of a run that is over it is an old word that comes again: phases are told before the end that follows them.
  if (project.ended.has(runId) && !project.live.has(runId)) return [];
  return [{ type: 'project.phase_changed', data: { runId, phase, title } }];
};

const decide = (command: ProjectCommand, state: ProjectState): readonly ProjectEvent[] => {
  switch (command.kind) {
    case 'create':
      return create(command, state);
    case 'request_run':
      return requestRun(command, state);
    case 'reopen_run':
      return reopenRun(command, state);
    case 'note_phase':
      return notePhase(command, state);
    case 'settle_run':
      return settleRun(command, state);
    case 'archive':
      return existing(state).archived ? [] : [{ type: 'project.archived', data: {} }];
    case 'configure':
      return configure(command, state);
    case 'revise_prd':
      return revisePrd(command, state);
    case 'remove':
      return remove(state);
  }
};

export const projectDecider: Decider<ProjectState, ProjectCommand, ProjectEvent> = {
  initial: () => null,
  decide,
  evolve: evolveProject,
  copy: copyProject,
};
