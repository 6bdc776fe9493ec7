import { type Amount, noUsage, type PlanEvent } from '@partitura/shared/events';
import type { ChatRequest } from '@partitura/shared/models';
import { answerSpecification } from '@partitura/shared/prompts';
import { fitRequest, lacking, leftOf, within } from '../conversation/fit-request.ts';
import { planningRequest } from '../conversation/planning-request.ts';
import { replanMaterial } from '../conversation/replan-material.ts';
import type { RunFacts } from '../run/run-facts.ts';
import { failed } from './conclusions.ts';
import type { Planning, Step } from './planning.ts';
import type { Refusal } from './state.ts';

/** Prepares a call that fits the window and the budget, records that it is made, makes it. */
export const ask = async (
  planning: Planning,
  { purpose, callNumber, refusal }: Step<'ask'>,
  facts: RunFacts,
): Promise<PlanEvent[]> => {
  const { calls, session, job, runId, configuration } = planning;
  const model = planning.dependencies.models.resolve(planning.model);
  const requestFor = await requestsFor(planning, purpose, refusal, facts);
  const state = session.state();
  const left = leftOf(facts.held, state.visit?.usage ?? noUsage);
  const fitted = fitRequest(model, requestFor, left, configuration.prd.words);
  if (fitted.kind === 'too_long') return [failed(state, job, fitted.problem)];
  if (fitted.kind === 'allowance') return waitForAllowance(planning, fitted.amount, facts);
  const callId = `${runId}.plan.c${callNumber}`;
  // Durable before a cent can be spent.
  await session.append([await calls.prepare(model, fitted.request, { callId, purpose })]);
  return [await perform(planning, fitted.request, callId)];
};

const perform = async (
  { dependencies, calls, model, signal }: Planning,
  request: ChatRequest,
  callId: string,
): Promise<PlanEvent> => {
  const { event } = await calls.perform(dependencies.models.resolve(model), request, callId, { signal });
  // The job is somebody else's now. What was paid for is recorded all the same; that the call was broken off is not news.
  if (event.type === 'model.failed' && event.data.problem.code === 'MODEL_ABORTED') signal.throwIfAborted();
  return event;
};

/**
 * The very request that was recorded, under its own id: whoever reads the log sees one call, whatever the crash. The first one
 * may have been paid for, nobody knows; within a budget it counts as if it was.
 */
export const askAgain = async (
  planning: Planning,
  { call }: Step<'ask_again'>,
  facts: RunFacts,
): Promise<PlanEvent[]> => {
  const { reserved } = call.requested;
  const twice = { tokens: 2 * reserved.tokens, microUsd: 2 * reserved.microUsd };
  const left = leftOf(facts.held, planning.session.state().visit?.usage ?? noUsage);
  if (!within(twice, left)) return waitForAllowance(planning, lacking(twice, left), facts);
  const recorded = await planning.calls.recallRequest({ data: call.requested });
  const request = { ...recorded, answer: answerSpecification(call.purpose) };
  return [await perform(planning, request, call.requested.callId)];
};

const requestsFor = async (
  planning: Planning,
  purpose: Step<'ask'>['purpose'],
  refusal: Refusal | null,
  { tasks: progress }: RunFacts,
) => {
  const { material, session, configuration, agents, model, signal, calls } = planning;
  const state = session.state();
  const requirements = await material.requirements(state);
  const architecture = planning.basis?.architecture ?? (await material.architecture(state));
  const previous = refusal?.answer ? await calls.recall({ data: refusal.answer }) : null;
  const filled = {
    model,
    prd: await material.prd(),
    replan:
      planning.basis && requirements
        ? replanMaterial(planning.basis, requirements.requirements, progress)
        : null,
    requirements: requirements && JSON.stringify(requirements.requirements),
    architecture: architecture && JSON.stringify(architecture),
    configuration,
    repository: await material.files(signal),
    agents,
    repair: refusal && {
      problems: refusal.problems,
      previousAnswer: previous?.structured ? JSON.stringify(previous.structured) : '',
    },
  };
  return (maxOutputTokens: number): ChatRequest => planningRequest(purpose, filled, maxOutputTokens);
};

/** Asks for more budget, once, and waits for the answer. A yes is seen in what is held when the call is fitted again. */
const waitForAllowance = async (
  planning: Planning,
  amount: Amount,
  facts: RunFacts,
): Promise<PlanEvent[]> => {
  const { session, runId, watch, stopping, job } = planning;
  const state = session.state();
  const asked = state.allowance;
  const answer = asked === null ? undefined : facts.allowances.get(asked);
  if (asked === null || answer === 'reserved' || answer === 'lapsed') {
    const requestId = `${runId}.plan.b${state.allowanceRequests + 1}`;
    return [{ type: 'plan.allowance_requested', data: { requestId, amount } }];
  }
  if (answer === 'denied') {
    const message = `The next call to ${planning.model} may take ${amount.tokens} tokens and $${(amount.microUsd / 1e6).toFixed(2)} more than the budget leaves.`;
    return [failed(state, job, { code: 'BUDGET_EXCEEDED', message })];
  }
  await watch.until(({ allowances, ended, paused }) => ended || paused || allowances.has(asked), stopping);
  return [];
};
