import { describe, expect, it } from '@jest/globals';
import { noUsage, type PlanEvent } from '@partitura/shared/events';
import { planDocument } from '@partitura/shared/planning';
import { workTask } from '@partitura/shared/planning/testing';
import { readSections } from '@partitura/shared/prompts';
import {
  architectureAnswer,
  entered,
  prd,
  requirementsAnswer,
  type Scene,
  type SceneOptions,
  scene,
} from '../testing/scene.ts';
import { answerUsage, type Reaction, type ScriptedModel, scriptedModel } from '../testing/scripted-model.ts';

const answer = (value: unknown): Reaction => ({ kind: 'answer', value });
const fail = (code: Extract<Reaction, { kind: 'fail' }>['code'], retryAfterMs?: number): Reaction =>
  retryAfterMs === undefined ? { kind: 'fail', code } : { kind: 'fail', code, retryAfterMs };

const soundTasks = answer({ tasks: [workTask('T2', ['T1'], { requirementIds: ['R2'] }), workTask('T1')] });
const circle = answer({
  tasks: [workTask('T3', ['T7']), workTask('T7', ['T3'], { requirementIds: ['R2'] })],
});
const script = {
  requirements: [answer(requirementsAnswer)],
  architecture: [answer(architectureAnswer)],
  tasks: [soundTasks],
};
const purposes = (model: ScriptedModel) => model.asked.map((request) => request.answer?.name);
const sections = (model: ScriptedModel, index: number) => {
  const part = model.asked.at(index)?.messages[0]?.content[0];
  return readSections(part?.kind === 'text' ? part.text : '');
};
const dataOf = async <Type extends PlanEvent['type']>(stage: Scene, type: Type) =>
  (await stage.events()).filter((event) => event.type === type).map(({ data }) => data as DataOf<Type>);
type DataOf<Type extends PlanEvent['type']> = Extract<PlanEvent, { type: Type }>['data'];

/** Both phases of the default workflow, one after the other, as the orchestrator has them planned. */
const planBoth = async (stage: Scene): Promise<void> => {
  await stage.run(entered('architect', 'architecture'));
  await stage.plan('architect');
  await stage.run(entered('planner', 'plan'));
  await stage.plan('planner');
};
const inPlanner = async (model: ScriptedModel, options?: SceneOptions): Promise<Scene> => {
  const stage = await scene(model, options);
  await stage.run(entered('planner', 'plan'));
  return stage;
};

describe('planning', () => {
  it('asks for requirements and architecture in one phase, for tasks in the next, and proposes a plan', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await planBoth(stage);
    expect(await stage.types()).toEqual([
      'plan.started',
      'model.requested',
      'model.answered',
      'plan.requirements_identified',
      'model.requested',
      'model.answered',
      'plan.architecture_described',
      'plan.phase_finished',
      'plan.started',
      'model.requested',
      'model.answered',
      'plan.proposed',
      'plan.phase_finished',
    ]);
    const [proposed] = await dataOf(stage, 'plan.proposed');
    expect(proposed).toMatchObject({
      planRevision: 1,
      requirements: 2,
      tasks: 2,
      criticalPath: ['T1', 'T2'],
      width: 1,
    });
    const plan = planDocument.parse(await stage.document(proposed?.plan.hash ?? ''));
    expect(plan.tasks.map(({ key }) => key)).toEqual(['T1', 'T2']);
    expect((await dataOf(stage, 'plan.phase_finished')).map(({ usage }) => usage.costMicroUsd)).toEqual([
      2 * answerUsage.costMicroUsd,
      answerUsage.costMicroUsd,
    ]);
  });

  it('hands the material over in named sections', async () => {
    const model = scriptedModel(script);
    const listFiles = async () => ['README.md', 'src/index.ts'];
    const repository = { url: 'file:///notes', baseBranch: 'main' };
    await planBoth(await scene(model, { configuration: { repository }, dependencies: { listFiles } }));
    expect(Object.fromEntries(sections(model, 0))).toMatchObject({
      prd,
      stack: '- Node.js',
      repository: 'README.md\nsrc/index.ts',
    });
    expect([...sections(model, 2).keys()]).toEqual([
      'prd',
      'stack',
      'constraints',
      'success_criteria',
      'repository',
      'requirements',
      'architecture',
      'agents',
    ]);
    expect(JSON.parse(sections(model, 2).get('requirements') ?? '')).toEqual(requirementsAnswer.requirements);
    expect(sections(model, 2).get('agents')).toBe('- eng-backend: Writes services.');
  });

  it('does all of it in the plan phase of a workflow without an architecture phase', async () => {
    const model = scriptedModel(script);
    const stage = await inPlanner(model);
    await stage.plan('planner');
    expect(purposes(model)).toEqual(['requirements', 'architecture', 'tasks']);
    expect((await stage.types()).slice(-2)).toEqual(['plan.proposed', 'plan.phase_finished']);
  });

  it('does nothing when a finished phase is delivered again', async () => {
    const model = scriptedModel(script);
    const stage = await inPlanner(model);
    await stage.plan('planner');
    const before = await stage.types();
    await stage.plan('planner');
    expect(await stage.types()).toEqual(before);
    expect(model.asked).toHaveLength(3);
  });

  it('plans anew when a finished phase is entered again, and keeps the requirements', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await planBoth(stage);
    await stage.run(entered('planner', 'plan', 2));
    await stage.plan('planner', 2);
    expect(purposes(model)).toEqual(['requirements', 'architecture', 'tasks', 'tasks']);
    expect((await dataOf(stage, 'plan.proposed')).map(({ planRevision }) => planRevision)).toEqual([1, 2]);
  });
});

describe('a planner that was killed', () => {
  it('goes on from any event to the same plan, and asks for no answer again', async () => {
    const whole = await scene(scriptedModel({ ...script, tasks: [circle, soundTasks] }));
    await planBoth(whole);
    const events = await whole.events();
    const [proposed] = await dataOf(whole, 'plan.proposed');
    expect(events.length).toBe(16);
    for (let survived = 0; survived <= events.length; survived += 1) {
      const prefix = events.slice(0, survived);
      const answered = prefix.filter(({ type }) => type === 'model.answered').length;
      const refused = prefix.some(({ type }) => type === 'model.answered') && answered >= 3;
      const model = scriptedModel({ ...script, tasks: refused ? [soundTasks] : [circle, soundTasks] });
      const stage = await scene(model, { blobs: whole.blobs });
      await stage.recorded(prefix);
      await planBoth(stage);
      expect(model.asked).toHaveLength(4 - answered);
      expect(await stage.types()).toEqual(events.map(({ type }) => type));
      expect((await dataOf(stage, 'plan.proposed'))[0]?.plan.hash).toBe(proposed?.plan.hash);
    }
  });

  it('records nothing when another has taken over', async () => {
    const model = scriptedModel({ ...script, requirements: [{ kind: 'hang' }] });
    const stage = await inPlanner(model);
    const aborted = new AbortController();
    const zombie = stage.plan('planner', 1, {
      signal: aborted.signal,
      stopping: new AbortController().signal,
    });
    while (model.asked.length === 0) await new Promise(setImmediate);
    await stage.planWith(scriptedModel(script), 'planner');
    const types = await stage.types();
    aborted.abort(new Error('taken away'));
    await expect(zombie).rejects.toThrow('taken away');
    expect(await stage.types()).toEqual(types);
    expect(types.at(-1)).toBe('plan.phase_finished');
  });
});

describe('two planners at once', () => {
  it('come to one plan, each going on from what the other recorded', async () => {
    const [one, other] = [scriptedModel(script), scriptedModel(script)];
    const stage = await inPlanner(one);
    await Promise.all([stage.plan('planner'), stage.planWith(other, 'planner')]);
    const types = await stage.types();
    expect(types.filter((type) => type === 'plan.proposed')).toHaveLength(1);
    expect(types.filter((type) => type === 'model.answered')).toHaveLength(3);
    expect(types.at(-1)).toBe('plan.phase_finished');
  });
});

describe('answers that cannot be used', () => {
  it('are sent back with what is wrong with them', async () => {
    const model = scriptedModel({ ...script, tasks: [circle, soundTasks] });
    const stage = await inPlanner(model);
    await stage.plan('planner');
    const [refused] = await dataOf(stage, 'plan.tasks_refused');
    expect(refused).toMatchObject({
      repair: 1,
      problems: [{ code: 'TASK_CYCLE', message: expect.stringContaining('T3 → T7 → T3') }],
    });
    expect(sections(model, -1).get('problems')).toContain('T3 → T7 → T3');
    expect(sections(model, -1).get('previous_answer')).toContain('"key":"T7"');
    expect(await stage.types()).toContain('plan.proposed');
  });

  it('fail the plan after two repairs, with the path named', async () => {
    const model = scriptedModel({ ...script, tasks: [circle] });
    const stage = await inPlanner(model);
    await stage.plan('planner');
    expect(purposes(model)).toEqual(['requirements', 'architecture', 'tasks', 'tasks', 'tasks']);
    const [failed] = await dataOf(stage, 'plan.failed');
    expect(failed?.problem.code).toBe('PLAN_INVALID');
    expect(failed?.problem.message).toContain('T3 → T7 → T3');
    expect(failed?.usage.calls).toBe(5);
  });

  it('may be ones that the adapter could not read', async () => {
    const model = scriptedModel({
      ...script,
      architecture: [fail('MODEL_INVALID_ANSWER'), answer(architectureAnswer)],
    });
    const stage = await inPlanner(model);
    await stage.plan('planner');
    expect((await dataOf(stage, 'plan.tasks_refused'))[0]?.problems[0]?.code).toBe('MODEL_INVALID_ANSWER');
    expect(await stage.types()).toContain('plan.proposed');
  });

  it('may ask for what the PRD does not', async () => {
    const invented = {
      ...requirementsAnswer,
      requirements: [{ ...requirementsAnswer.requirements[0], text: 'Payments by credit card' }],
    };
    const model = scriptedModel({ ...script, requirements: [answer(invented)] });
    const stage = await inPlanner(model);
    await stage.plan('planner');
    expect((await dataOf(stage, 'plan.failed'))[0]?.problem).toMatchObject({
      code: 'REQUIREMENTS_INVALID',
      message: expect.stringContaining('Payments by credit card'),
    });
  });
});

describe('a model that cannot be had', () => {
  it('is waited for when it says later, however often', async () => {
    const later = Array.from({ length: 20 }, () => fail('MODEL_RATE_LIMITED', 60_000));
    const model = scriptedModel({ ...script, tasks: [...later, soundTasks] });
    const stage = await inPlanner(model);
    const before = stage.clock.now();
    await stage.plan('planner');
    expect(stage.clock.now() - before).toBe(20 * 60_000);
    expect(await stage.types()).not.toContain('plan.tasks_refused');
    expect((await stage.types()).at(-1)).toBe('plan.phase_finished');
  });

  it('fails the phase when nobody is there after several tries, or the key is wrong', async () => {
    for (const [code, calls] of [
      ['MODEL_UNAVAILABLE', 8],
      ['MODEL_UNAUTHORIZED', 1],
    ] as const) {
      const model = scriptedModel({ ...script, requirements: [fail(code)] });
      const stage = await inPlanner(model);
      await stage.plan('planner');
      expect(model.asked).toHaveLength(calls);
      expect((await dataOf(stage, 'plan.failed'))[0]).toMatchObject({ visit: 1, problem: { code } });
    }
  });

  it('is asked for the rest only, when the phase is entered again after its failure', async () => {
    const model = scriptedModel({ ...script, tasks: [fail('MODEL_UNAUTHORIZED'), soundTasks] });
    const stage = await inPlanner(model);
    await stage.plan('planner');
    await stage.run(entered('planner', 'plan', 2));
    await stage.plan('planner', 2);
    expect(purposes(model)).toEqual(['requirements', 'architecture', 'tasks', 'tasks']);
    expect((await dataOf(stage, 'plan.phase_finished'))[0]).toMatchObject({ visit: 2, usage: { calls: 1 } });
  });

  it('is not asked when the PRD does not fit', async () => {
    const model = scriptedModel(script, { contextWindow: 8_000, inputTokens: 7_000 });
    const stage = await inPlanner(model);
    await stage.plan('planner');
    expect(model.asked).toHaveLength(0);
    expect((await dataOf(stage, 'plan.failed'))[0]?.problem).toMatchObject({
      code: 'PRD_TOO_LONG_FOR_MODEL',
      message: expect.stringMatching(/7000 tokens \(the PRD has 10 words\).*takes 8000/),
    });
  });
});

describe('budget', () => {
  const tight = { tokens: 6_000, microUsd: 1_000_000 };

  it('leaves less room for an answer before it asks for more', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan', 1, { tokens: 12_000, microUsd: 10_000_000 }));
    await stage.plan('planner');
    expect(model.asked.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([8_000, 8_000, 8_000]);
  });

  it('makes no call before it is covered, and goes on when it is', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan', 1, tight));
    const planning = stage.plan('planner');
    const amount = { tokens: 10_000, microUsd: 0 };
    await eventually(async () => (await stage.types()).includes('plan.allowance_requested'));
    expect(model.asked).toHaveLength(1);
    const [request] = await dataOf(stage, 'plan.allowance_requested');
    expect(request).toEqual({ requestId: 'r_test.plan.b1', amount: { tokens: 500, microUsd: 0 } });
    await stage.run({
      type: 'budget.reserved',
      data: { holder: 'plan', amount, requestId: 'r_test.plan.b1' },
    });
    await planning;
    expect(await stage.types()).toContain('plan.proposed');
  });

  it('counts a call whose answer was lost in a crash as if it was paid for', async () => {
    const first = await inPlanner(scriptedModel(script));
    await first.plan('planner');
    const asked = (await first.events()).slice(0, 2);
    const model = scriptedModel(script);
    const stage = await scene(model, { blobs: first.blobs });
    await stage.recorded(asked);
    await stage.run(entered('planner', 'plan', 1, { tokens: 40_000, microUsd: 10_000_000 }));
    const planning = stage.plan('planner');
    await eventually(async () => (await stage.types()).includes('plan.allowance_requested'));
    expect(model.asked).toHaveLength(0);
    const amount = { tokens: 26_000, microUsd: 0 };
    expect((await dataOf(stage, 'plan.allowance_requested'))[0]?.amount).toEqual(amount);
    await stage.run({
      type: 'budget.reserved',
      data: { holder: 'plan', amount, requestId: 'r_test.plan.b1' },
    });
    await planning;
    expect((await dataOf(stage, 'model.requested')).map(({ callId }) => callId)).toEqual([
      'r_test.plan.c1',
      'r_test.plan.c2',
      'r_test.plan.c3',
    ]);
  });

  it('that is denied ends the phase', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan', 1, { tokens: 100, microUsd: 0 }));
    const planning = stage.plan('planner');
    await eventually(async () => (await stage.types()).includes('plan.allowance_requested'));
    const asked = { tokens: 4_900, microUsd: 75_000 };
    await stage.run({ type: 'budget.denied', data: { holder: 'plan', requestId: 'r_test.plan.b1', asked } });
    await planning;
    expect(model.asked).toHaveLength(0);
    expect((await dataOf(stage, 'plan.failed'))[0]?.problem.code).toBe('BUDGET_EXCEEDED');
  });

  it('that is denied with a pause is asked for again after the resume', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan', 1, { tokens: 100, microUsd: 0 }));
    const planning = stage.plan('planner');
    await eventually(async () => (await stage.types()).includes('plan.allowance_requested'));
    const asked = { tokens: 4_900, microUsd: 75_000 };
    await stage.run(
      { type: 'budget.denied', data: { holder: 'plan', requestId: 'r_test.plan.b1', asked } },
      { type: 'run.paused', data: { reason: 'budget', detail: '' } },
    );
    await stage.run({ type: 'run.resumed', data: {} });
    await eventually(async () => (await dataOf(stage, 'plan.allowance_requested')).length === 2);
    const amount = { tokens: 1_000_000, microUsd: 100_000_000 };
    await stage.run({
      type: 'budget.reserved',
      data: { holder: 'plan', requestId: 'r_test.plan.b2', amount },
    });
    await planning;
    expect(await stage.types()).toContain('plan.proposed');
  });
});

describe('the run', () => {
  it('that is paused holds the planner until it is resumed', async () => {
    const model = scriptedModel(script);
    const stage = await inPlanner(model);
    await stage.run({ type: 'run.paused', data: { reason: 'operator', detail: '' } });
    const planning = stage.plan('planner');
    await new Promise(setImmediate);
    expect(await stage.types()).toEqual([]);
    await stage.run({ type: 'run.resumed', data: {} });
    await planning;
    expect(await stage.types()).toContain('plan.proposed');
  });

  it('that is cancelled ends the planning, also while it waits for a model', async () => {
    const model = scriptedModel({ ...script, requirements: [fail('MODEL_RATE_LIMITED', 3_600_000)] });
    const stage = await inPlanner(model, { automaticClock: false });
    const planning = stage.plan('planner');
    await eventually(async () => stage.clock.sleeping() === 1);
    await stage.run({ type: 'run.cancelled', data: { reason: 'enough', usage: noUsage } });
    await planning;
    expect((await stage.types()).at(-1)).toBe('model.failed');
    expect(stage.clock.sleeping()).toBe(0);
  });

  it('that has gone on to another visit wants nothing of this one', async () => {
    const model = scriptedModel(script);
    const stage = await inPlanner(model);
    await stage.run(entered('planner', 'plan', 2));
    await stage.plan('planner', 1);
    expect(await stage.types()).toEqual([]);
  });

  it('that does not exist, or does not plan there, is an error', async () => {
    const stage = await scene(scriptedModel(script));
    await expect(stage.plan('executor')).rejects.toMatchObject({ code: 'PHASE_NOT_PLANNED' });
    await expect(stage.plan('nowhere')).rejects.toMatchObject({ code: 'PHASE_NOT_PLANNED' });
  });

  it('gives the planner up to be stopped between two steps', async () => {
    const stage = await inPlanner(scriptedModel(script));
    await expect(
      stage.plan('planner', 1, { stopping: AbortSignal.abort(new Error('stop')) }),
    ).rejects.toThrow('stop');
  });
});

const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise(setImmediate);
};
