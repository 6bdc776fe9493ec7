import { afterEach, describe, expect, it } from '@jest/globals';
import { workTask } from '@partitura/shared/planning/testing';
import type { Component } from '@partitura/shared/runtime';
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
  const [worker] = plannerService(stage.dependencies).components;
  if (!worker) throw new Error('The service has no worker.');
  running.push(worker);
  await worker.start();
  return worker;
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
});
