import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { agentTypes } from '@partitura/shared/agents';
import { type DocumentReference, noUsage, type RunEvent, taskIdOf } from '@partitura/shared/events';
import { rehearsalModel, rehearsalName } from '@partitura/shared/models';
import { isWork, type PlanDocument, planDocument, replanPhase } from '@partitura/shared/planning';
import { entered, runId, scene } from '../testing/scene.ts';

const text = readFileSync(new URL('../../../../examples/prds/link-shortener.md', import.meta.url), 'utf8');

/** A run with a rehearsed plan, of which some tasks are finished. */
const planned = async () => {
  const stage = await scene(rehearsalModel(), {
    configuration: { model: rehearsalName, rehearsal: true },
    dependencies: { agents: agentTypes },
    prd: text,
  });
  const latest = async (): Promise<PlanDocument> => {
    const proposed = (await stage.events()).findLast((event) => event.type === 'plan.proposed');
    return planDocument.parse(await stage.document(proposed?.data.plan.hash ?? ''));
  };
  const accept = async (planRevision: number): Promise<void> => {
    const proposed = (await stage.events()).findLast((event) => event.type === 'plan.proposed');
    if (!proposed) throw new Error('Nothing was proposed.');
    const { requirements, tasks } = await latest();
    await stage.run(
      {
        type: 'plan.accepted',
        data: {
          plan: proposed.data.plan,
          planRevision,
          requirementIds: requirements.map(({ id }) => id),
          tasks: tasks.length,
        },
      },
      ...tasks.filter(isWork).map(
        (definition): RunEvent => ({
          type: 'task.added',
          data: {
            taskId: taskIdOf(runId, definition.key),
            phase: 'executor',
            definition,
            pathTokens: 1,
            conflict: null,
          },
        }),
      ),
    );
  };
  const finish = (key: string) => {
    const taskId = taskIdOf(runId, key);
    const data = { taskId, attemptId: `${taskId}.a1`, commit: 'c', usage: noUsage, durationMs: 1 };
    return stage.run({ type: 'task.completed', data: { ...data, requirementIds: [], findings: [] } });
  };
  const edit = async (number: number, edited: string): Promise<void> => {
    const hash = await stage.blobs.put(edited);
    const content = { hash, size: edited.length, preview: '', contentType: 'text/markdown' };
    const prd: DocumentReference = { name: 'PRD.md', title: 'Links', words: 10, content };
    await stage.run({
      type: 'run.replan_started',
      data: { number, prd, prdRevision: number + 1, reservation: null },
    });
  };
  await stage.run(entered('planner', 'plan'));
  await stage.plan('planner');
  await accept(1);
  return { stage, latest, accept, finish, edit };
};

const lineOf = (id: string): string => text.split('\n').find((line) => line.includes(id)) ?? '';

describe('a rehearsed plan for an edited PRD', () => {
  it('keeps what the edit does not touch, and serves what is new', async () => {
    const { stage, latest, finish, edit } = await planned();
    const before = await latest();
    const first = before.tasks.find(isWork);
    await finish(first?.key ?? '');
    const added = '- **FR-3.2** Every link can be exported as a CSV file by its author. (P1)';
    await edit(1, text.replace(lineOf('FR-3.1'), `${lineOf('FR-3.1')}\n${added}`));
    await stage.plan(replanPhase, 1);
    const after = await latest();
    expect(after.change).toMatchObject({
      number: 1,
      dropped: [],
      requirements: { changed: [], removed: [] },
    });
    expect(after.change?.requirements.added).toHaveLength(1);
    const keys = new Set(after.tasks.map(({ key }) => key));
    expect(before.tasks.filter(({ key }) => !keys.has(key))).toEqual([]);
    const served = after.tasks.filter(({ key }) => after.change?.added.includes(key));
    expect(served.flatMap(({ requirementIds }) => requirementIds)).toEqual(after.change?.requirements.added);
    expect(
      (await stage.types()).filter((type) => type === 'plan.tasks_refused' || type === 'plan.failed'),
    ).toEqual([]);
  });

  it('plans again what serves what was taken out or changed, and only that, from one edit to the next', async () => {
    const { stage, latest, accept, edit } = await planned();
    const before = await latest();
    const idOf = (own: string) => before.requirements.find(({ sourceId }) => sourceId === own)?.id ?? '';
    const [gone, changed] = [idOf('FR-2.3'), idOf('FR-1.2')];
    const edited = text
      .replace(`${lineOf('FR-2.3')}\n`, '')
      .replace('with a message that says what is wrong', 'with a message that names the part that is wrong');
    await edit(1, edited);
    await stage.plan(replanPhase, 1);
    const after = await latest();
    expect(after.change?.requirements).toEqual({ added: [], changed: [changed], removed: [gone] });
    const touched = new Set([changed, gone]);
    for (const key of after.change?.dropped ?? [])
      expect(before.tasks.find((one) => one.key === key)?.requirementIds.some((id) => touched.has(id))).toBe(
        true,
      );
    for (const { id } of after.requirements)
      expect(after.tasks.some(({ requirementIds }) => requirementIds.includes(id))).toBe(true);
    expect(JSON.stringify(after.tasks)).not.toContain(`"${gone}"`);
    await accept(2);
    await stage.run({
      type: 'run.replanned',
      data: { number: 1, planRevision: 2, cancelled: [], added: [], rewired: [] },
    });
    await edit(2, text);
    await stage.plan(replanPhase, 2);
    const back = await latest();
    expect(back.change?.requirements.changed).toEqual([changed]);
    // What comes again is not what it was: commits name the id of then.
    expect(back.requirements.map(({ id }) => id)).not.toContain(gone);
    expect((await stage.types()).filter((type) => type === 'plan.failed')).toEqual([]);
  });

  it('is nothing when nobody wants it any more, and what was known is known when it fails', async () => {
    const { stage, edit } = await planned();
    const before = await stage.types();
    await stage.plan(replanPhase, 1);
    await edit(2, text);
    await stage.plan(replanPhase, 1);
    expect(await stage.types()).toEqual(before);
  });
});
