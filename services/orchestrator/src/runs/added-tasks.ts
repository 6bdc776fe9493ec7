import { asRunId, type Finding, type RunEvent, taskIdOf } from '@partitura/shared/events';
import type { TaskDefinition } from '@partitura/shared/planning';
import type { Phase } from '@partitura/shared/workflows';
import type { Run } from './state.ts';

const isTaken = (run: Run, key: string): boolean => {
  const id = taskIdOf(asRunId(run.id), key);
  return run.tasks.has(id) || run.groups.has(id);
};

/** Keys for tasks that are in no plan. The plan's own keys are whatever a model chose, so each is looked up. */
export const freeKeys = (run: Run, prefix: string, count: number): readonly string[] => {
  const keys: string[] = [];
  for (let number = run.tasks.size + 1; keys.length < count; number += 1) {
    const key = `${prefix}${number}`;
    if (!isTaken(run, key)) keys.push(key);
  }
  return keys;
};

const unused = (run: Run, wanted: string): string =>
  isTaken(run, wanted) ? (freeKeys(run, 'P', 1)[0] ?? wanted) : wanted;

type Conflict = Extract<RunEvent, { type: 'task.added' }>['data']['conflict'];

export const taskAdded = (
  run: Run,
  phase: string,
  definition: TaskDefinition,
  conflict: Conflict = null,
): RunEvent => ({
  type: 'task.added',
  data: {
    taskId: taskIdOf(asRunId(run.id), definition.key),
    phase,
    definition,
    pathTokens: definition.estimatedTokens,
    conflict,
  },
});

/** What the agent of a phase is asked to do in it. */
export const agentTask = (run: Run, phase: Phase, visit: number): TaskDefinition => {
  const { act } = phase;
  if (act.kind !== 'agent') throw new RangeError(`Phase ${phase.id} has no agent of its own.`);
  return {
    key: unused(run, `P${run.configuration.workflow.phases.indexOf(phase) + 1}V${visit}`),
    parentKey: null,
    kind: act.taskKind,
    title: act.title,
    description: act.instructions,
    agentType: act.agentType,
    priority: 0,
    complexity: 3,
    estimatedTokens: 20_000,
    dependsOn: [],
    acceptanceCriteria: act.acceptanceCriteria,
    requirementIds: [],
  };
};

/** What a review found critical becomes work: a run that went back to its swarm with nothing to do would go in circles. */
export const fixTasks = (run: Run): readonly TaskDefinition[] => {
  const critical = run.findings.filter(({ severity }) => severity === 'critical');
  const keys = freeKeys(run, 'F', critical.length);
  return critical.map((finding, index) => fixTask(finding, keys[index] ?? ''));
};

const fixTask = (finding: Finding, key: string): TaskDefinition => ({
  key,
  parentKey: null,
  kind: 'fix',
  title: `Fix: ${finding.title}`.slice(0, 200),
  description: [
    finding.advice,
    finding.file && `In ${finding.file}${finding.line ? `, line ${finding.line}` : ''}.`,
  ]
    .filter(Boolean)
    .join('\n'),
  agentType: 'eng-backend',
  priority: 0,
  complexity: 3,
  estimatedTokens: 20_000,
  dependsOn: [],
  acceptanceCriteria: [`No longer true: ${finding.title}`],
  requirementIds: [],
});
