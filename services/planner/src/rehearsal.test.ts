import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { agentTypes } from '@partitura/shared/agents';
import { rehearsalModel, rehearsalName } from '@partitura/shared/models';
import { isWork, planDocument, topologicalLayers } from '@partitura/shared/planning';
import { entered, scene } from './testing/scene.ts';

const examples = new URL('../../../examples/prds/', import.meta.url);
const prds = readdirSync(examples).map((name) => ({
  name,
  text: readFileSync(new URL(name, examples), 'utf8'),
}));

/** What a rehearsal plans has to pass the same checks as what a real model plans, without being sent back. */
describe('a rehearsed plan', () => {
  it.each([...prds, { name: 'ten words', text: 'Build a small web page that counts visits per day.' }])(
    'is sound: $name',
    async ({ text }) => {
      const configuration = { model: rehearsalName, rehearsal: true };
      const stage = await scene(rehearsalModel(), {
        configuration,
        dependencies: { agents: agentTypes },
        prd: text,
      });
      await stage.run(entered('architect', 'architecture'));
      await stage.plan('architect');
      await stage.run(entered('planner', 'plan'));
      await stage.plan('planner');
      const events = await stage.events();
      expect(events.filter(({ type }) => type === 'plan.tasks_refused' || type === 'plan.failed')).toEqual(
        [],
      );
      const proposed = events.find((event) => event.type === 'plan.proposed');
      const plan = planDocument.parse(await stage.document(proposed?.data.plan.hash ?? ''));
      const work = plan.tasks.filter(isWork);
      expect(topologicalLayers(work).flat()).toHaveLength(work.length);
      expect(plan.estimate.durationMs.p90).toBeLessThan(60_000);
      expect(plan.estimate.costMicroUsd.p90).toBe(0);
    },
  );
});
