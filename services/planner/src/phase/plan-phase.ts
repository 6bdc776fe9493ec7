import { agentTypes } from '@partitura/shared/agents';
import { isRevisionConflict } from '@partitura/shared/event-store';
import type { PlanEvent, Problem, RunConfiguration } from '@partitura/shared/events';
import { ModelError, type RecordedCalls } from '@partitura/shared/models';
import { replanPhase } from '@partitura/shared/planning';
import { PartituraError } from '@partitura/shared/runtime';
import type { PlannerDependencies } from '../dependencies.ts';
import { speeds } from '../estimate/speeds.ts';
import type { RunFacts } from '../run/run-facts.ts';
import { watchRun } from '../run/run-watch.ts';
import { ask, askAgain } from './asking.ts';
import { conclude, failed, finished, sendBack } from './conclusions.ts';
import { judge } from './judge.ts';
import { phaseMaterial } from './material.ts';
import { type Action, nextStep, type PhaseToPlan } from './next-step.ts';
import { openPlan } from './plan-stream.ts';
import type { PlanJob, Planning, Step } from './planning.ts';

/**
 * Plans one phase, from wherever the log says it stands to its end. Resolves when the phase is over, when the run is, or when
 * the job was taken away and another planner is at it; everything it found out is recorded by then.
 * @throws the reason of a signal, `RUN_NOT_FOUND`, `PHASE_NOT_PLANNED`, and what the stores throw: the job is to be tried again
 */
export const planPhase = async (
  dependencies: PlannerDependencies,
  calls: RecordedCalls,
  { runId, phase, visit }: PlanJob,
  signals: { readonly signal: AbortSignal; readonly stopping: AbortSignal },
): Promise<void> => {
  const watch = watchRun(dependencies.store, runId);
  const { configuration: configured, projectId, owner, replan, plan } = await watch.refresh();
  if (configured === null || projectId === null) {
    throw new PartituraError('RUN_NOT_FOUND', `There is no run ${runId} to plan for.`);
  }
  const changes = phase === replanPhase;
  // Overtaken, or over: nobody wants it any more.
  if (changes && replan?.number !== visit) return;
  const configuration = replan && changes ? { ...configured, prd: replan.prd } : configured;
  const planned = phaseToPlan(configuration, phase, visit);
  const material = phaseMaterial(dependencies, configuration);
  const basis = changes ? await material.basis(plan) : null;
  const model = planned.model ?? configuration.model;
  const agents = dependencies.agents ?? agentTypes;
  // Each refusal means that somebody else got further with this very phase: folded again, there is less left to do.
  for (let over = false; !over; ) {
    const session = await openPlan(dependencies, runId, { projectId, owner });
    over = await goOnFenced({
      dependencies,
      calls,
      runId,
      job: planned.job,
      configuration,
      basis,
      model,
      agents,
      session,
      watch,
      material,
      ...signals,
    });
  }
};

/** False when another planner wrote to the stream meanwhile and this one still has the job: what was left behind is its to do. */
const goOnFenced = async (planning: Planning): Promise<boolean> => {
  const { dependencies, runId, job, stopping } = planning;
  try {
    await goOn(planning);
    return true;
  } catch (error) {
    if (!isRevisionConflict(error)) throw error;
    dependencies.logger.info({ runId, phase: job.phase }, 'Another planner wrote to the plan.');
    return stopping.aborted;
  }
};

export const phaseToPlan = (
  { workflow }: RunConfiguration,
  id: string,
  visit: number,
): { job: PhaseToPlan; model: string | null } => {
  if (id === replanPhase) {
    const model = workflow.phases.find(({ act }) => act.kind === 'plan')?.model ?? null;
    return { job: { phase: id, visit, act: 'replan' }, model };
  }
  const phase = workflow.phases.find((one) => one.id === id);
  const act = phase?.act.kind;
  if (phase && (act === 'architecture' || act === 'plan'))
    return { job: { phase: id, visit, act }, model: phase.model };
  const what = phase ? `is no phase that is planned (${phase.act.kind})` : 'is no phase of it';
  throw new PartituraError(
    'PHASE_NOT_PLANNED',
    `The workflow ${workflow.name} was asked to plan in "${id}", which ${what}.`,
  );
};

const goOn = async (planning: Planning): Promise<void> => {
  const { session, job } = planning;
  for (let facts = await goAhead(planning); facts; facts = await goAhead(planning)) {
    const step = nextStep(session.state(), job);
    if (step.kind === 'over') return;
    if (step.kind === 'wait') {
      facts = await waitItOut(planning, step.ms);
      if (!facts) return;
    }
    await session.append(await take(planning, step.kind === 'wait' ? step.next : step, facts));
  }
};

/** The run as it is, once it is not paused; null when nobody wants this phase planned any more. */
const goAhead = async ({ watch, job, stopping }: Planning): Promise<RunFacts | null> => {
  stopping.throwIfAborted();
  const facts = await watch.until(({ paused, ended }) => ended || !paused, stopping);
  return isWanted(facts, job) ? facts : null;
};

/** Whether the run still waits for this phase to be planned. */
export const isWanted = ({ ended, phase, replan }: RunFacts, job: PhaseToPlan): boolean => {
  if (ended) return false;
  return job.act === 'replan'
    ? replan?.number === job.visit
    : phase?.id === job.phase && phase.visit === job.visit;
};

/** A rate limit is waited out for as long as the run lives, and no longer. */
const waitItOut = async (planning: Planning, ms: number): Promise<RunFacts | null> => {
  const { dependencies, watch, stopping, runId } = planning;
  dependencies.logger.warn({ runId, ms }, 'The model is not to be had; it is asked again later.');
  const over = new AbortController();
  const either = AbortSignal.any([stopping, over.signal]);
  const slept = dependencies.clock.sleep(ms, either);
  const ended = watch.until((facts) => facts.ended, either);
  try {
    await Promise.race([slept, ended]);
  } finally {
    over.abort();
    await Promise.allSettled([slept, ended]);
  }
  return goAhead(planning);
};

/** Does what a step says, and answers what is to be recorded of it. A model that cannot be had is a result too. */
export const take = async (planning: Planning, step: Action, facts: RunFacts): Promise<PlanEvent[]> => {
  const { session, job, configuration } = planning;
  const state = session.state();
  try {
    switch (step.kind) {
      case 'start':
        return [
          {
            type: 'plan.started',
            data: { phase: job.phase, visit: job.visit, prd: configuration.prd.content },
          },
        ];
      case 'ask':
        return await ask(planning, step, facts);
      case 'ask_again':
        return await askAgain(planning, step, facts);
      case 'judge':
        return await judgeAnswer(planning, step, facts);
      case 'refuse':
      case 'fail':
        return sendBack(state, job, step);
      case 'finish':
        return [finished(state, job)];
    }
  } catch (error) {
    if (error instanceof ModelError) return [failed(state, job, problemOf(error))];
    throw error;
  }
};

const problemOf = ({ code, message, advice }: ModelError): Problem => ({
  code,
  message: advice === null ? message : `${message} ${advice}`,
});

const judgeAnswer = async (
  planning: Planning,
  { purpose, answered, repairs }: Step<'judge'>,
  { tasks }: RunFacts,
): Promise<PlanEvent[]> => {
  const { dependencies, calls, session, configuration, material, agents, job } = planning;
  const state = session.state();
  const perMillion = dependencies.models.prices.priceOf(configuration.model)?.perMillion;
  const price = perMillion ? { input: perMillion.input, output: perMillion.output } : null;
  const judgement = judge(purpose, await calls.recall({ data: answered }), {
    prd: await material.prd(),
    configuration,
    requirements: await material.requirements(state),
    architecture: await material.architecture(state),
    basis: planning.basis && { number: job.visit, plan: planning.basis, progress: tasks },
    agentTypes: agents.map(({ id }) => id),
    price,
    speeds: dependencies.speeds ?? speeds,
  });
  return conclude(dependencies.blobs, state, job, { purpose, judgement, repairs, price });
};
