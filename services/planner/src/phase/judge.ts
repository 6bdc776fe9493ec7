import { canonicalJson } from '@partitura/shared/canonical';
import type { Problem, RunConfiguration } from '@partitura/shared/events';
import type { ChatAnswer } from '@partitura/shared/models';
import type { Architecture, PlanDocument, Risk, TaskDefinition } from '@partitura/shared/planning';
import { answers, type RequirementsAnswer } from '@partitura/shared/prompts';
import type { z } from 'zod';
import { estimatePlan } from '../estimate/estimate-plan.ts';
import { seededBy } from '../estimate/seeded.ts';
import { type Speed, speedOf } from '../estimate/speeds.ts';
import { changedTasks } from '../replanning/changed-tasks.ts';
import { changesBetween, keepIds } from '../replanning/requirement-changes.ts';
import { checkRequirements } from '../requirements/check-requirements.ts';
import { computedRisks } from '../risks/computed-risks.ts';
import type { Progress } from '../run/run-facts.ts';
import { resolveGroups } from '../tasks/groups.ts';
import { tasksProblems } from '../tasks/tasks-problems.ts';
import type { Purpose } from './state.ts';

/** What an answer is held against. What was found before it is there. */
export interface JudgementGround {
  readonly prd: string;
  readonly configuration: RunConfiguration;
  readonly requirements: RequirementsAnswer | null;
  readonly architecture: Architecture | null;
  /** In a re-planning: the plan that is changed, and how far the run has come with it. */
  readonly basis: Basis | null;
  readonly agentTypes: readonly string[];
  /** The model that the tasks will be done with. */
  readonly price: { readonly input: number; readonly output: number } | null;
  readonly speeds: readonly Speed[];
}

export interface Basis {
  readonly number: number;
  readonly plan: PlanDocument;
  readonly progress: ReadonlyMap<string, Progress>;
}

export type Judgement =
  | { readonly kind: 'requirements'; readonly answer: RequirementsAnswer }
  | { readonly kind: 'architecture'; readonly answer: Architecture }
  | { readonly kind: 'tasks'; readonly plan: PlanDocument }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Whether an answer can be used, and as what. Pure: the same answer gets the same judgement, now or in a replay. */
export const judge = (purpose: Purpose, answer: ChatAnswer, ground: JudgementGround): Judgement => {
  if (answer.stopReason === 'length') {
    return refused('ANSWER_CUT_OFF', 'The answer was cut off before its end: say it in fewer words.');
  }
  if (answer.stopReason === 'refusal') return refused('ANSWER_REFUSED', 'The model refused to answer.');
  switch (purpose) {
    case 'requirements':
      return judgeRequirements(answer, ground);
    case 'architecture': {
      const read = parse(answers.architecture, answer);
      return read.kind === 'problems' ? read : { kind: 'architecture', answer: read.value };
    }
    case 'tasks':
      return judgeTasks(answer, ground);
    case 'replan':
      return judgeChange(answer, ground);
  }
};

const refused = (code: string, message: string): Judgement => ({
  kind: 'problems',
  problems: [{ code, message }],
});

type Parsed<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | Extract<Judgement, { kind: 'problems' }>;

/** The adapter validated it already; what came from a blob is validated all the same. */
const parse = <Value>(schema: z.ZodType<Value>, answer: ChatAnswer): Parsed<Value> => {
  const result = schema.safeParse(answer.structured);
  if (result.success) return { kind: 'value', value: result.data };
  const problems = result.error.issues.slice(0, 20).map(({ path, message }) => ({
    code: 'ANSWER_OF_WRONG_SHAPE',
    message: `${path.join('.') || 'The answer'}: ${message}`,
  }));
  return { kind: 'problems', problems };
};

const judgeRequirements = (answer: ChatAnswer, { prd, basis }: JudgementGround): Judgement => {
  const read = parse(answers.requirements, answer);
  if (read.kind === 'problems') return read;
  const checked = checkRequirements(read.value, prd);
  return checked.problems.length > 0
    ? { kind: 'problems', problems: checked.problems }
    : {
        kind: 'requirements',
        answer: basis ? keepIds(basis.plan.requirements, checked.answer) : checked.answer,
      };
};

const judgeTasks = (answer: ChatAnswer, ground: JudgementGround): Judgement => {
  const read = parse(answers.tasks, answer);
  if (read.kind === 'problems') return read;
  const requirements = ground.requirements?.requirements ?? [];
  const problems = tasksProblems(read.value.tasks, {
    requirementIds: requirements.map(({ id }) => id),
    agentTypes: ground.agentTypes,
  });
  return problems.length > 0
    ? { kind: 'problems', problems }
    : { kind: 'tasks', plan: planOf(read.value.tasks, ground) };
};

const judgeChange = (answer: ChatAnswer, ground: JudgementGround): Judgement => {
  const { basis } = ground;
  const read = parse(answers.replan, answer);
  if (read.kind === 'problems') return read;
  if (basis === null) return refused('NO_PLAN_TO_CHANGE', 'There is no plan to change.');
  const requirements = ground.requirements?.requirements ?? [];
  const changes = changesBetween(basis.plan.requirements, requirements);
  const { number, progress } = basis;
  const changed = changedTasks(read.value.tasks, { number, progress, changes, tasks: basis.plan.tasks });
  const problems =
    changed.problems.length > 0
      ? changed.problems
      : tasksProblems(changed.tasks, {
          requirementIds: requirements.map(({ id }) => id),
          agentTypes: ground.agentTypes,
        });
  if (problems.length > 0) return { kind: 'problems', problems };
  const { dropped, added } = changed;
  const plan = planOf(changed.tasks, { ...ground, architecture: basis.plan.architecture });
  const { added: newOnes, changed: others, removed } = changes;
  return {
    kind: 'tasks',
    plan: {
      ...plan,
      change: {
        number,
        requirements: { added: [...newOnes], changed: [...others], removed: [...removed] },
        dropped: [...dropped],
        added: [...added],
      },
    },
  };
};

const noArchitecture: Architecture = { document: 'None was described.', technologies: [], risks: [] };

const planOf = (proposed: readonly TaskDefinition[], ground: JudgementGround): PlanDocument => {
  const { configuration, requirements: found } = ground;
  const architecture = ground.architecture ?? noArchitecture;
  const requirements = found?.requirements ?? [];
  const questions = found?.questions ?? [];
  const tasks = resolveGroups(proposed);
  const estimate = estimatePlan({
    tasks,
    maxAgents: configuration.maxAgents,
    maxAttempts: configuration.workflow.policy.maxAttempts,
    speed: speedOf(configuration.model, ground.speeds),
    price: ground.price,
    randomness: seededBy(canonicalJson(tasks)),
  });
  const computed = computedRisks({ tasks, requirements, questions, estimate, budget: configuration.budget });
  return {
    requirements,
    questions,
    architecture,
    tasks,
    estimate,
    risks: distinct([...architecture.risks, ...computed]),
  };
};

const distinct = (risks: readonly Risk[]): Risk[] => [
  ...new Map(risks.map((risk) => [risk.title, risk])).values(),
];
