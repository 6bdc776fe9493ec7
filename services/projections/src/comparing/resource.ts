import type { OperationOutput, Operations } from '@partitura/shared/http';

export type Comparison = OperationOutput<Operations['compareRuns']>;
export type ComparedDecision = Comparison['decisions']['differences'][number];
export type ComparedTasks = Comparison['tasks'][number];
export type ComparedTask = NonNullable<ComparedTasks['a']>;
