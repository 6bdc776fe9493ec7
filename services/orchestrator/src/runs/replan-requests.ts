import type { RunEvent } from '@partitura/shared/events';
import { freeOf, limitsTokensOrMoney, planHolder } from '@partitura/shared/policies';
import { PartituraError } from '@partitura/shared/runtime';
import type { CommandOf } from './commands.ts';
import { acceptsPlan } from './plan-approvals.ts';
import { live } from './refusals.ts';
import { phaseOf } from './routing.ts';
import type { Run, RunState } from './state.ts';

/**
 * Notes the wish. It begins when the planner is free and there is a plan to change: what a planner has spent must be told by it, so
 * none is ever broken off in the middle for the next one.
 */
export const requestReplan = (
  { prd, prdRevision }: CommandOf<'request_replan'>,
  state: RunState,
): readonly RunEvent[] => {
  const run = live(state, 're-planned');
  refuseUnplanned(run);
  const underWay = run.wanted ?? run.replanning;
  if (underWay?.prd.content.hash === prd.content.hash) return [];
  if (!underWay && run.prd.content.hash === prd.content.hash)
    throw new PartituraError('NOTHING_TO_REPLAN', `Run ${run.id} has the project’s PRD already.`, {
      advice: `Edit it first: PUT /api/v1/projects/${run.projectId}/prd`,
    });
  const requested: RunEvent = {
    type: 'run.replan_requested',
    data: { number: run.replans + 1, prd, prdRevision },
  };
  return [...withdrawQuestion(run), requested];
};

/** @throws {PartituraError} `WRONG_RUN_MODE`, `WORKFLOW_WITHOUT_PLAN` */
const refuseUnplanned = (run: Run): void => {
  const { planOnly, workflow } = run.configuration;
  if (planOnly)
    throw new PartituraError(
      'WRONG_RUN_MODE',
      `Run ${run.id} ends with its plan: there is nothing to keep.`,
      {
        advice: 'Start another run of the project.',
      },
    );
  if (!workflow.phases.some(({ act }) => act.kind === 'plan'))
    throw new PartituraError('WORKFLOW_WITHOUT_PLAN', `The workflow ${workflow.name} has no plan to change.`);
};

/** Nobody has to answer for a changed plan that is to be changed again. */
const withdrawQuestion = (run: Run): readonly RunEvent[] => {
  const { replanning } = run;
  if (!replanning?.settled || replanning.over) return [];
  const asked = [...run.approvals].filter(([, { action }]) => action === acceptsPlan);
  const problem = { code: 'REPLAN_OVERTAKEN', message: 'The PRD was edited again before anybody said yes.' };
  return [
    ...asked.map(([approvalId]): RunEvent => ({ type: 'approval.expired', data: { approvalId } })),
    { type: 'run.replan_failed', data: { number: replanning.number, problem } },
  ];
};

/** Follows from a wish as soon as there is a plan, in a phase in which agents work. */
export const beginReplan = (run: Run): readonly RunEvent[] => {
  const { wanted, replanning, plan, ledger, configuration } = run;
  if (wanted === null || replanning !== null || plan === null || ledger.held.has(planHolder)) return [];
  const act = run.phase === null ? undefined : phaseOf(run, run.phase.id)?.act.kind;
  if (act !== 'tasks' && act !== 'agent') return [];
  const { budget } = configuration;
  const reservation = limitsTokensOrMoney(budget) ? freeOf(ledger, budget) : null;
  return [{ type: 'run.replan_started', data: { ...wanted, reservation } }];
};

/** While the planner is at it nothing is begun that it may be about to take back; while a person is asked the run goes on. */
export const holdsScheduling = ({ replanning }: Run): boolean => replanning !== null && !replanning.settled;

/** A wish without a plan to change waits for one, and holds up nothing. */
export const isReplanned = ({ wanted, replanning, plan }: Run): boolean =>
  replanning === null && (wanted === null || plan === null);
