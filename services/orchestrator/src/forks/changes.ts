import { agentType } from '@partitura/shared/agents';
import {
  asRunId,
  type BlobReference,
  type Budget,
  type RunConfiguration,
  taskIdOf,
  tokensOf,
} from '@partitura/shared/events';
import type { OperationInput, Operations } from '@partitura/shared/http';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { budgetFrom } from '../operations/budget.ts';
import { modelsOf, withoutModels } from '../operations/workflow-choice.ts';
import { unresolvedBy } from '../runs/attempts.ts';
import { refuseStatus, taskOf } from '../runs/refusals.ts';
import type { Run } from '../runs/state.ts';
import type { ParentsPast } from './parents-past.ts';

type ForkBody = OperationInput<Operations['forkRun']>['body'];

/** What the parent had left of its limits when it was where the fork begins. */
const leftOf = ({ run, time, unsettled }: ParentsPast): Budget | null => {
  const { budget } = run.configuration;
  if (budget === null) return null;
  const usages = [run.ledger.spent, ...Object.values(unsettled)];
  const tokens = usages.reduce((sum, usage) => sum + tokensOf(usage), 0);
  const microUsd = usages.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
  const prepaid = [...run.ledger.prepaid.values()];
  const paid = {
    tokens: prepaid.reduce((sum, usage) => sum + tokensOf(usage), 0),
    microUsd: prepaid.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0),
  };
  const left = (limit: number | null, spent: number): number | null =>
    limit === null ? null : Math.max(0, limit - spent);
  return {
    ...budget,
    tokens: left(budget.tokens, tokens - paid.tokens),
    microUsd: left(budget.microUsd, microUsd - paid.microUsd),
    wallMs: run.wallDeadlineAt === null ? budget.wallMs : Math.max(0, run.wallDeadlineAt - time),
  };
};

/** Kept as blobs, without the secrets that somebody may have left in them. @throws {PartituraError} `UNKNOWN_AGENT_TYPE` */
const keepPrompts = async (
  prompts: Readonly<Record<string, string>>,
  { blobs, redactor }: Pick<OrchestratorDependencies, 'blobs' | 'redactor'>,
): Promise<Record<string, BlobReference>> => {
  for (const type of Object.keys(prompts)) agentType(type);
  const kept = Object.entries(prompts).map(async ([type, given]) => {
    const text = redactor.redactText(given);
    const bytes = new TextEncoder().encode(text);
    const reference: BlobReference = {
      hash: await blobs.put(bytes),
      size: bytes.byteLength,
      preview: text.slice(0, 200),
      contentType: 'text/plain',
    };
    return [type, reference] as const;
  });
  return Object.fromEntries(await Promise.all(kept));
};

/**
 * The configuration of the parent with what is different.
 * @throws {PartituraError} `UNKNOWN_AGENT_TYPE`, and as `requireModel`
 */
export const forkedConfiguration = async (
  runId: string,
  past: ParentsPast,
  body: ForkBody,
  dependencies: OrchestratorDependencies,
): Promise<RunConfiguration> => {
  const before = past.run.configuration;
  const model = body.model ?? before.model;
  const rehearsal = model.startsWith('rehearsal/');
  const workflow = rehearsal ? withoutModels(before.workflow) : before.workflow;
  for (const name of new Set([model, ...modelsOf(workflow)])) dependencies.requireModel(name);
  const prompts = { ...before.prompts, ...(await keepPrompts(body.prompts, dependencies)) };
  return {
    ...before,
    branch: before.branch === null ? null : `partitura/${runId}`,
    workflow,
    model,
    fallbackModels: rehearsal ? [] : before.fallbackModels,
    rehearsal,
    budget: body.budget === undefined ? leftOf(past) : budgetFrom(body.budget),
    ...(Object.keys(prompts).length === 0 ? {} : { prompts }),
  };
};

/**
 * Ids of the fork, of tasks that are named by their key or as the parent has them.
 * @throws {PartituraError} `TASK_NOT_FOUND`, `WRONG_TASK_STATUS`
 */
export const droppedTasks = (run: Run, runId: string, names: readonly string[]): readonly string[] =>
  [...new Set(names)].map((name) => {
    const task = taskOf(run, name.startsWith(`${run.id}.`) ? name : taskIdOf(asRunId(run.id), name));
    const { kind } = task.status;
    if (kind === 'completed' || kind === 'in_review' || unresolvedBy(run, task))
      refuseStatus(task, 'dropped');
    return taskIdOf(asRunId(runId), task.definition.key);
  });
