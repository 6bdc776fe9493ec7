import type { PlanDocument, TaskDefinition } from '@partitura/shared/planning';

const task = (key: string, dependsOn: readonly string[]): TaskDefinition => ({
  key,
  parentKey: null,
  kind: 'task',
  title: `No-op ${key}`,
  description: '',
  agentType: 'eng-backend',
  priority: 5,
  complexity: 1,
  estimatedTokens: 100,
  dependsOn: [...dependsOn],
  acceptanceCriteria: [],
  requirementIds: [],
});

/** Layers of `width` tasks; each depends on three of the layer before it. */
export const layeredTasks = (layers: number, width: number): readonly TaskDefinition[] =>
  Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: width }, (__, at) => {
      const before = layer === 0 ? [] : [at, (at + 1) % width, (at + 7) % width];
      return task(
        `L${layer}T${at}`,
        before.map((other) => `L${layer - 1}T${other}`),
      );
    }),
  ).flat();

export const planOf = (tasks: readonly TaskDefinition[]): PlanDocument => ({
  requirements: [],
  questions: [],
  architecture: { document: 'None.', technologies: [], risks: [] },
  tasks: [...tasks],
  estimate: {
    durationMs: { p50: 0, p90: 0 },
    costMicroUsd: { p50: 0, p90: 0 },
    tokens: { p50: 0, p90: 0 },
    criticalPath: [],
    criticalPathMs: 0,
    width: 0,
    schedule: [],
    simulations: 1,
  },
  risks: [],
});
