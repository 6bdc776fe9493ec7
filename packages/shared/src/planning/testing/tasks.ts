import fc from 'fast-check';
import type { TaskDefinition } from '../task-definition.ts';

/** A sound piece of work; what a test is about is said in `differently`. */
export const workTask = (
  key: string,
  dependsOn: readonly string[] = [],
  differently: Partial<TaskDefinition> = {},
): TaskDefinition => ({
  key,
  parentKey: null,
  kind: 'task',
  title: `Do ${key}`,
  description: '',
  agentType: 'eng-backend',
  priority: 5,
  complexity: 3,
  estimatedTokens: 40_000,
  dependsOn: [...dependsOn],
  acceptanceCriteria: [`${key} is done.`],
  requirementIds: ['R1'],
  ...differently,
});

const complexity = fc.constantFrom(1, 2, 3, 5, 8, 13);

/** Plans in which each task only waits for tasks before it, up to `size` tasks. */
export const acyclicPlan = (size = 40): fc.Arbitrary<TaskDefinition[]> =>
  fc
    .array(
      fc.record({
        on: fc.array(fc.nat(), { maxLength: 4 }),
        complexity,
        priority: fc.nat({ max: 9 }),
        tokens: fc.nat({ max: 200_000 }),
      }),
      { minLength: 1, maxLength: size },
    )
    .map((rows) =>
      rows.map((row, index) => {
        const dependsOn = index === 0 ? [] : [...new Set(row.on.map((on) => `T${(on % index) + 1}`))];
        return workTask(`T${index + 1}`, dependsOn, {
          complexity: row.complexity,
          priority: row.priority,
          estimatedTokens: row.tokens,
        });
      }),
    );

/** Layers of `width` tasks, each waiting for three of the layer before. */
export const layeredPlan = (layers: number, width: number): TaskDefinition[] =>
  Array.from({ length: layers * width }, (_, index) => {
    const layer = Math.floor(index / width);
    const at = index % width;
    const dependsOn =
      layer === 0 ? [] : [0, 1, 2].map((step) => `T${(layer - 1) * width + ((at + step) % width) + 1}`);
    return workTask(`T${index + 1}`, [...new Set(dependsOn)]);
  });
