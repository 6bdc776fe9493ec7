import { afterEach, describe, expect, it } from '@jest/globals';
import { workTask } from '@partitura/shared/planning/testing';
import { type Component, PartituraError } from '@partitura/shared/runtime';
import { plannerService } from './service.ts';
import {
  architectureAnswer,
  entered,
  requirementsAnswer,
  runId,
  type Scene,
  scene,
} from './testing/scene.ts';
import { type ScriptedModel, scriptedModel } from './testing/scripted-model.ts';
import { planQueue } from './worker.ts';

const script = {
  requirements: [{ kind: 'answer' as const, value: requirementsAnswer }],
  architecture: [{ kind: 'answer' as const, value: architectureAnswer }],
  tasks: [
    { kind: 'answer' as const, value: { tasks: [workTask('T1', [], { requirementIds: ['R1', 'R2'] })] } },
  ],
};

const running: Component[] = [];
afterEach(async () => {
  for (const component of running.splice(0)) await component.stop(0);
});

const start = async (stage: Scene): Promise<Component> => {
  const { components } = plannerService(stage.dependencies);
  for (const component of components) await component.start();
  const service: Component = {
    name: 'planner',
    start: async () => undefined,
    stop: async (graceMs) => {
      for (const component of components.toReversed()) await component.stop(graceMs);
    },
  };
  running.push(service);
  return service;
};
const enqueue = (stage: Scene, phase: string) =>
  stage.dependencies.queue.enqueue(planQueue, [
    { id: `${runId}.${phase}.1`, payload: { runId, phase, visit: 1 } },
  ]);
const until = async (stage: Scene, type: string): Promise<void> => {
  while (!(await stage.types()).includes(type)) await new Promise(setImmediate);
};
const asked = async (model: ScriptedModel, calls: number): Promise<void> => {
  while (model.asked.length < calls) await new Promise(setImmediate);
};

describe('the plan worker', () => {
  it('plans what is enqueued', async () => {
    const stage = await scene(scriptedModel(script));
    await stage.run(entered('planner', 'plan'));
    await start(stage);
    await enqueue(stage, 'planner');
    await until(stage, 'plan.phase_finished');
  });

  it('gives up after its deliveries and says why, so that the run does not wait for ever', async () => {
    const broken = {
      resolve: () => {
        throw new TypeError('out of order');
      },
      prices: { priceOf: () => null },
    };
    const stage = await scene(scriptedModel(script), { dependencies: { models: broken } });
    await stage.run(entered('planner', 'plan'));
    await start(stage);
    await enqueue(stage, 'planner');
    await until(stage, 'plan.failed');
    expect((await stage.events()).at(-1)?.data).toMatchObject({
      phase: 'planner',
      visit: 1,
      problem: { code: 'PLANNER_DEFECT', message: 'The planner failed: out of order' },
    });
  });

  it('lets a call under way end when it stops, and leaves the rest to the next', async () => {
    const model = scriptedModel({ ...script, requirements: [{ kind: 'hang' }] });
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan'));
    const worker = await start(stage);
    await enqueue(stage, 'planner');
    await asked(model, 1);
    await worker.stop(10);
    const types = await stage.types();
    expect(types.at(-1)).toBe('model.requested');
    const next = scriptedModel(script);
    await stage.planWith(next, 'planner');
    expect((await stage.types()).at(-1)).toBe('plan.phase_finished');
  });

  it('has replicas: the one that has the job left to it goes on where the other stopped, and both come to one plan', async () => {
    const first = scriptedModel({ ...script, architecture: [{ kind: 'hang' }] });
    const stage = await scene(first);
    await stage.run(entered('planner', 'plan'));
    const one = await start(stage);
    await enqueue(stage, 'planner');
    await asked(first, 2);
    const second = scriptedModel(script);
    const models = { ...stage.dependencies.models, resolve: () => second };
    await start({ ...stage, dependencies: { ...stage.dependencies, models } });
    await one.stop(0);
    await until(stage, 'plan.phase_finished');
    // What was answered is read back; what was on its way is asked once more under its own id.
    expect(second.asked.map(({ answer }) => answer?.name)).toEqual(['architecture', 'tasks']);
    const types = await stage.types();
    expect(types.filter((type) => type === 'model.requested')).toHaveLength(3);
    expect(types.filter((type) => type === 'model.answered')).toHaveLength(3);
    expect(types.filter((type) => type === 'plan.phase_finished')).toHaveLength(1);
  });

  it('given the same job twice at the same time records one plan', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan'));
    await Promise.all([stage.plan('planner'), stage.plan('planner'), stage.plan('planner')]);
    const types = await stage.types();
    for (const type of ['plan.started', 'plan.proposed', 'plan.phase_finished'])
      expect(types.filter((one) => one === type)).toHaveLength(1);
    expect(types.filter((type) => type === 'model.answered')).toHaveLength(3);
  });

  it('waits with a paid answer in hand while the store is away, and asks for nothing again', async () => {
    const model = scriptedModel(script);
    const stage = await scene(model);
    await stage.run(entered('planner', 'plan'));
    let away = 0;
    const store: Scene['store'] = {
      ...stage.store,
      append: async (...append) => {
        // Away for longer than all the deliveries of a job would last, each time that an answer is to be recorded.
        const paid = append[1].some(({ type }) => type === 'model.answered');
        if (paid && away % 50 !== 49) {
          away += 1;
          throw new PartituraError('STORE_UNREACHABLE', 'It does not answer.');
        }
        away += paid ? 1 : 0;
        return stage.store.append(...append);
      },
    };
    await start({ ...stage, dependencies: { ...stage.dependencies, store } });
    await enqueue(stage, 'planner');
    await until(stage, 'plan.phase_finished');
    expect(away).toBe(150);
    expect(model.asked).toHaveLength(3);
    expect(await stage.types()).not.toContain('plan.failed');
  });
});
