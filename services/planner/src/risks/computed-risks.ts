import type { Budget } from '@partitura/shared/events';
import {
  type Estimate,
  isWork,
  type Question,
  type Requirement,
  type Risk,
  type TaskDefinition,
} from '@partitura/shared/planning';

export interface RiskGround {
  readonly tasks: readonly TaskDefinition[];
  readonly requirements: readonly Requirement[];
  readonly questions: readonly Question[];
  readonly estimate: Estimate;
  readonly budget: Budget | null;
}

/** Risks that can be read off the plan itself. They come after those that the architecture names. */
export const computedRisks = (ground: RiskGround): Risk[] => [
  ...bottleneck(ground),
  ...hugeAndAlone(ground),
  ...untested(ground),
  ...open(ground),
  ...overBudget(ground),
];

const largeShare = 0.4;

const bottleneck = ({ tasks, estimate }: RiskGround): Risk[] => {
  if (estimate.criticalPath.length < 2) return [];
  const titles = new Map(tasks.map(({ key, title }) => [key, title]));
  const onPath = new Set(estimate.criticalPath);
  return estimate.schedule
    .filter(
      ({ key, startMs, endMs }) => onPath.has(key) && endMs - startMs > largeShare * estimate.criticalPathMs,
    )
    .map(({ key, startMs, endMs }) => ({
      title: `${key} (${titles.get(key) ?? ''}) is ${percent((endMs - startMs) / estimate.criticalPathMs)} of the critical path`,
      likelihood: 'medium',
      impact: 'high',
      mitigation: `Split ${key}, or begin it as early as can be: every delay of it delays the whole.`,
    }));
};

const hugeComplexity = 13;

const hugeAndAlone = ({ tasks, requirements }: RiskGround): Risk[] => {
  const work = tasks.filter(isWork);
  return requirements.flatMap(({ id }): Risk[] => {
    const serving = work.filter(({ requirementIds }) => requirementIds.includes(id));
    const [only] = serving;
    if (serving.length !== 1 || !only || only.complexity < hugeComplexity) return [];
    return [
      {
        title: `${id} hangs on one large task, ${only.key}`,
        likelihood: 'medium',
        impact: 'high',
        mitigation: `Split ${only.key} (complexity ${only.complexity}) so that part of ${id} can be seen to work early.`,
      },
    ];
  });
};

const aboutTests = /\b(tests?|testing|qa|e2e|verif(y|ies|ication)|checks?)\b/i;

const untested = ({ tasks }: RiskGround): Risk[] => {
  const tests = (task: TaskDefinition): boolean =>
    task.agentType.includes('qa') || aboutTests.test([task.title, ...task.acceptanceCriteria].join(' '));
  if (tasks.filter(isWork).some(tests)) return [];
  const mitigation = 'Add a task for tests, or say in the acceptance criteria what is tested.';
  return [{ title: 'No task of the plan is about tests', likelihood: 'high', impact: 'medium', mitigation }];
};

const open = ({ questions }: RiskGround): Risk[] => {
  if (questions.length === 0) return [];
  const [first] = questions;
  return [
    {
      title: questions.length === 1 ? 'One question is open' : `${questions.length} questions are open`,
      likelihood: 'medium',
      impact: 'medium',
      mitigation: `Answer in the PRD, beginning with: ${first?.text ?? ''} Until then: ${first?.assumption ?? ''}`,
    },
  ];
};

const overBudget = ({ estimate, budget }: RiskGround): Risk[] => {
  if (budget === null) return [];
  const limits = [
    {
      name: 'money',
      limit: budget.microUsd,
      needed: estimate.costMicroUsd,
      show: (value: number) => `$${(value / 1e6).toFixed(2)}`,
    },
    { name: 'tokens', limit: budget.tokens, needed: estimate.tokens, show: (value: number) => `${value}` },
    {
      name: 'time',
      limit: budget.wallMs,
      needed: estimate.durationMs,
      show: (value: number) => `${Math.ceil(value / 60_000)} min`,
    },
  ];
  return limits.flatMap(({ name, limit, needed, show }): Risk[] => {
    if (limit === null || needed.p90 <= limit) return [];
    return [
      {
        title: `The budget of ${name} (${show(limit)}) may not do: one run in ten needs ${show(needed.p90)} or more`,
        likelihood: needed.p50 > limit ? 'high' : 'medium',
        impact: 'high',
        mitigation: 'Raise the budget, choose a cheaper model, or take requirements out of the PRD.',
      },
    ];
  });
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;
