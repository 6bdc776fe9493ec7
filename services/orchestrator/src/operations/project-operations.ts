import { join } from 'node:path';
import type { ProjectEvent, RunConfiguration } from '@partitura/shared/events';
import { streamName } from '@partitura/shared/events';
import {
  type CallContext,
  type OperationHandlers,
  type OperationInput,
  type Operations,
  type Ownership,
  ownerOf,
} from '@partitura/shared/http';
import { checkPrd } from '@partitura/shared/prd';
import type { CommandHandler } from '@partitura/shared/processing';
import { inspectRepository, requireAcceptedRepository } from '@partitura/shared/repositories';
import { defaultWorkflowName, type Workflow } from '@partitura/shared/workflows';
import type { OrchestratorDependencies } from '../dependencies.ts';
import type { ProjectCommand } from '../projects/decider.ts';
import type { Project, ProjectState } from '../projects/state.ts';
import type { RunHandler } from '../runs/run-handler.ts';
import type { WorkflowCatalogue } from '../workflows/catalogue.ts';
import { budgetFrom } from './budget.ts';
import { causeOf, idFrom } from './cause.ts';
import { keepPrd } from './prd-document.ts';
import { projectFor } from './reach.ts';
import { chooseWorkflow, modelsOf, withoutModels } from './workflow-choice.ts';
import { organizationOf } from './workflow-operations.ts';

type Projects = CommandHandler<ProjectState, ProjectCommand, ProjectEvent>;

type StartRunBody = OperationInput<Operations['startRun']>['body'];

const configurationOf = (
  runId: string,
  project: Project,
  body: StartRunBody,
  workflows: ReadonlyMap<string, Workflow>,
  { defaults, requireModel }: OrchestratorDependencies,
): RunConfiguration => {
  const model = body.rehearse ? 'rehearsal/rehearsal' : (body.model ?? defaults.model);
  const rehearsal = model.startsWith('rehearsal/');
  const chosen = chooseWorkflow(body.workflow ?? project.workflow, workflows);
  const workflow = rehearsal ? withoutModels(chosen) : chosen;
  for (const name of new Set([model, ...modelsOf(workflow)])) requireModel(name);
  return {
    prd: project.prd,
    repository: project.repository,
    branch: `partitura/${runId}`,
    workflow,
    model,
    fallbackModels: rehearsal ? [] : [...defaults.fallbackModels],
    rehearsal,
    maxAgents: body.maxAgents ?? defaults.maxAgents,
    budget: budgetFrom(body.budget),
    sandbox: defaults.sandbox,
    stack: [...project.stack],
    constraints: [...project.constraints],
    successCriteria: [...project.successCriteria],
    step: body.step ?? false,
    planOnly: body.planOnly ?? false,
  };
};

/** Who owns the installation may name whatever is on its disk; an organisation only what is in its own folder. */
const requireAccepted = async (
  url: string,
  { organizationId, ownsInstallation }: Pick<CallContext, 'organizationId' | 'ownsInstallation'>,
  { repositoryFolders = [] }: Pick<OrchestratorDependencies, 'repositoryFolders'>,
): Promise<void> => {
  if (organizationId === null || ownsInstallation) return;
  await requireAcceptedRepository(
    url,
    repositoryFolders.map((folder) => join(folder, organizationId)),
  );
};

export const projectOperations = (
  dependencies: OrchestratorDependencies,
  projects: Projects,
  runs: RunHandler,
  catalogue: WorkflowCatalogue,
): Pick<OperationHandlers, 'createProject' | 'startRun' | 'archiveProject'> => ({
  createProject: async ({ body }, context) => {
    const text = checkPrd(body.prd.text);
    const workflows = await catalogue.of(organizationOf(context));
    const workflow = chooseWorkflow(body.workflow ?? defaultWorkflowName, workflows).name;
    const { baseBranch } = body.repository;
    await requireAccepted(body.repository.url, context, dependencies);
    const inspected = await inspectRepository(body.repository.url, {
      allowUncommitted: true,
      ...(baseBranch === undefined ? {} : { baseBranch }),
    });
    // A path below a folder may be in a repository that is above it.
    await requireAccepted(inspected.url, context, dependencies);
    const prd = await keepPrd(body.prd.name, text, organizationOf(context), dependencies);
    const projectId = idFrom('p', context.commandId);
    const owner: Ownership =
      context.organizationId === null ? {} : { organizationId: context.organizationId };
    const result = await projects.handle(streamName('project', projectId), {
      ...causeOf(context, { projectId, owner }),
      at: dependencies.clock.now(),
      command: {
        kind: 'create',
        projectId,
        name: body.name ?? prd.title,
        prd,
        repository: { url: inspected.url, baseBranch: inspected.baseBranch },
        stack: body.stack,
        constraints: body.constraints,
        successCriteria: body.successCriteria,
        budget: budgetFrom(body.budget),
        workflow,
      },
    });
    return { id: projectId, position: result.position };
  },
  startRun: async ({ params, body }, context) => {
    const stream = streamName('project', params.id);
    const project = await projectFor(context, projects, params.id);
    const runId = idFrom('r', context.commandId);
    const cause = causeOf(context, { projectId: params.id, runId, owner: project.owner });
    const workflows = await catalogue.of(ownerOf(project.owner));
    const configuration = configurationOf(runId, project, body, workflows, dependencies);
    const requested = await projects.handle(stream, {
      ...cause,
      at: dependencies.clock.now(),
      command: { kind: 'request_run', runId, configuration },
    });
    const event = requested.events.find(({ type }) => type === 'project.run_requested');
    // Asked for before, under the same key: the run is there, or the reactor is about to start it.
    if (event?.type !== 'project.run_requested') {
      const { state: run, position } = await runs.read(runId, { fresh: true });
      return { id: runId, position: run === null ? requested.position : position };
    }
    // The reactor would start it too. Started here, under the command id that the reactor gives it, the caller sees it at once.
    const started = await runs.handle(
      runId,
      { kind: 'start', runId, projectId: params.id, configuration: event.data.configuration },
      // The revision that the caller saw was the project's.
      { commandId: `${context.commandId}/0>`, metadata: cause.metadata },
    );
    return { id: runId, position: started.position };
  },
  archiveProject: async ({ params }, context) => {
    const { owner } = await projectFor(context, projects, params.id);
    const result = await projects.handle(streamName('project', params.id), {
      ...causeOf(context, { projectId: params.id, owner }),
      at: dependencies.clock.now(),
      command: { kind: 'archive' },
    });
    return { id: params.id, position: result.position };
  },
});
