import { setTimeout as sleep } from 'node:timers/promises';
import { rehearsalModel } from '@partitura/shared/models';
import { respondWith, serves, startAnthropicServer } from '@partitura/shared/models/testing';
import type { SlowModel } from './slow-model.ts';

export interface PlannedModel extends Omit<SlowModel, 'askedAt'> {
  /** Of the next plans. */
  tasks: number;
}

const requirement = 'R1';

/** One requirement, for a plan of any size. */
export const plannedPrd = '# Notes\n\n- FR-1: A user can keep notes.\n';

/** Independent of each other, so that all of them can be at work at once. */
const plan = (tasks: number) => ({
  tasks: Array.from({ length: tasks }, (_, index) => ({
    key: `T${index + 1}`,
    parentKey: null,
    kind: 'task',
    title: `Do part ${index + 1}`,
    description: '',
    agentType: 'eng-backend',
    priority: 5,
    complexity: 1,
    estimatedTokens: 1_000,
    dependsOn: [],
    acceptanceCriteria: ['It is done.'],
    requirementIds: [requirement],
  })),
});

/** A simulated provider whose plans have as many tasks as one likes, and whose agents only say that they are done. */
export const startPlannedModel = async (latencyMs: number): Promise<PlannedModel> => {
  const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
  const planned = { tasks: 1 };
  const server = await startAnthropicServer({
    respond: async (served) => {
      const { answer } = served.request;
      if (answer?.name === 'tasks') return serves.json(plan(planned.tasks));
      if (answer) return rehearsed(served);
      await sleep(latencyMs);
      return serves.text('Done.');
    },
  });
  return Object.assign(planned, {
    environment: {
      ANTHROPIC_API_KEY: 'a-key-for-a-simulated-provider',
      ANTHROPIC_BASE_URL: server.url,
      PARTITURA_MODEL: 'anthropic/claude-sonnet-5-5',
    },
    requests: server.requests,
    close: () => server.close(),
  });
};
