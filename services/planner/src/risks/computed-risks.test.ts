import { describe, expect, it } from '@jest/globals';
import type { Requirement, TaskDefinition } from '@partitura/shared/planning';
import { workTask } from '@partitura/shared/planning/testing';
import { seededRandomness } from '@partitura/shared/runtime';
import { estimatePlan } from '../estimate/estimate-plan.ts';
import { speedOf } from '../estimate/speeds.ts';
import { computedRisks, type RiskGround } from './computed-risks.ts';

const price = { input: 3_000_000, output: 15_000_000 };
const speed = speedOf('anthropic/claude-sonnet');
const requirement: Requirement = {
  id: 'R1',
  sourceId: null,
  text: 'It works.',
  line: 1,
  kind: 'functional',
  priority: 'must',
};

const risks = (tasks: readonly TaskDefinition[], differently: Partial<RiskGround> = {}): string[] => {
  const estimate = estimatePlan({
    tasks,
    maxAgents: 4,
    maxAttempts: 3,
    speed,
    price,
    randomness: seededRandomness(1),
  });
  const ground = {
    tasks,
    requirements: [requirement],
    questions: [],
    estimate,
    budget: null,
    ...differently,
  };
  return computedRisks(ground).map(({ title }) => title);
};
const tested = { acceptanceCriteria: ['The tests pass.'] };

describe('computedRisks', () => {
  it('finds none in a balanced plan with tests', () => {
    const chain = ['T1', 'T2', 'T3', 'T4'].map((key, index) =>
      workTask(key, index === 0 ? [] : [`T${index}`], tested),
    );
    expect(risks(chain)).toEqual([]);
  });

  it('names the task that is most of the critical path', () => {
    const tasks = [workTask('T1', [], tested), workTask('T2', ['T1'], { estimatedTokens: 900_000 })];
    expect(risks(tasks)).toEqual([expect.stringMatching(/^T2 \(Do T2\) is \d\d % of the critical path$/)]);
  });

  it('names a requirement that hangs on one huge task, missing tests, and open questions', () => {
    const question = { id: 'Q1', text: 'How long is a code?', assumption: 'Seven.', requirementIds: [] };
    expect(risks([workTask('T1', [], { complexity: 13 })], { questions: [question] })).toEqual([
      'R1 hangs on one large task, T1',
      'No task of the plan is about tests',
      'One question is open',
    ]);
  });

  it('says when the budget may not do', () => {
    const budget = { microUsd: 1_000, tokens: null, wallMs: 1, onExceed: 'stop' as const, thresholds: [] };
    expect(risks([workTask('T1', [], tested)], { budget })).toEqual([
      expect.stringContaining('The budget of money ($0.00) may not do'),
      expect.stringContaining('The budget of time (1 min) may not do'),
    ]);
  });
});
