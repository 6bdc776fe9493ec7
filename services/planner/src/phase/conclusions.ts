import type { BlobStore } from '@partitura/shared/blobs';
import { noUsage, type PlanEvent } from '@partitura/shared/events';
import type { PlanDocument } from '@partitura/shared/planning';
import { storeDocument } from './documents.ts';
import type { Judgement, JudgementGround } from './judge.ts';
import { type PhaseToPlan, refuseOrFail } from './next-step.ts';
import type { PlanState, Purpose } from './state.ts';

/** What a judgement means for the plan's stream. Documents are durable before the events that name them. */
export const conclude = async (
  blobs: BlobStore,
  state: PlanState,
  job: PhaseToPlan,
  judged: {
    readonly purpose: Purpose;
    readonly judgement: Judgement;
    readonly repairs: number;
    readonly price: JudgementGround['price'];
  },
): Promise<PlanEvent[]> => {
  const { judgement } = judged;
  switch (judgement.kind) {
    case 'problems':
      return sendBack(state, job, refuseOrFail(judged.purpose, judgement.problems, judged.repairs));
    case 'requirements': {
      const { requirements, questions } = judgement.answer;
      const content = await storeDocument(
        blobs,
        judgement.answer,
        requirements.map(({ text }) => text).join(' · '),
      );
      const data = { requirements: requirements.length, questions: questions.length, content };
      return [{ type: 'plan.requirements_identified', data }];
    }
    case 'architecture': {
      const { technologies, risks, document } = judgement.answer;
      const content = await storeDocument(blobs, judgement.answer, document);
      const data = { content, technologies: technologies.map(({ name }) => name), risks: risks.length };
      const described: PlanEvent = { type: 'plan.architecture_described', data };
      return job.act === 'architecture' ? [described, finished(state, job)] : [described];
    }
    case 'tasks':
      return [await proposed(blobs, state, judgement.plan, judged.price), finished(state, job)];
  }
};

export const sendBack = (
  state: PlanState,
  job: PhaseToPlan,
  step: ReturnType<typeof refuseOrFail>,
): PlanEvent[] =>
  step.kind === 'refuse'
    ? [{ type: 'plan.tasks_refused', data: { problems: [...step.problems], repair: step.repair } }]
    : [failed(state, job, step.problem)];

type Failed = Extract<PlanEvent, { type: 'plan.failed' }>;

export const failed = (
  state: PlanState,
  { phase, visit }: PhaseToPlan,
  problem: Failed['data']['problem'],
): Failed => ({
  type: 'plan.failed',
  data: { phase, visit, problem, usage: usageOf(state) },
});

export const finished = (state: PlanState, { phase, visit }: PhaseToPlan): PlanEvent => ({
  type: 'plan.phase_finished',
  data: { phase, visit, usage: usageOf(state) },
});

const usageOf = (state: PlanState) => state.visit?.usage ?? noUsage;

const proposed = async (
  blobs: BlobStore,
  state: PlanState,
  document: PlanDocument,
  price: JudgementGround['price'],
): Promise<PlanEvent> => {
  const { estimate, requirements, questions, tasks } = document;
  const plan = await storeDocument(
    blobs,
    document,
    tasks.map(({ key, title }) => `${key} ${title}`).join(' · '),
  );
  return {
    type: 'plan.proposed',
    data: {
      plan,
      planRevision: state.planRevision + 1,
      requirements: requirements.length,
      questions: questions.length,
      // What agents will do: groups have no span.
      tasks: estimate.schedule.length,
      width: estimate.width,
      criticalPath: estimate.criticalPath,
      criticalPathMs: estimate.criticalPathMs,
      durationMs: estimate.durationMs,
      costMicroUsd: estimate.costMicroUsd,
      price,
    },
  };
};
