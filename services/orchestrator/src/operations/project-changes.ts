import { type ProjectEvent, streamName } from '@partitura/shared/events';
import {
  type CallContext,
  type OperationHandlers,
  type OperationInput,
  type Operations,
  ownerOf,
} from '@partitura/shared/http';
import { checkPrd } from '@partitura/shared/prd';
import type { CommandHandler } from '@partitura/shared/processing';
import type { Workflow } from '@partitura/shared/workflows';
import type { OrchestratorDependencies } from '../dependencies.ts';
import { existing, type ProjectChanges } from '../projects/changes.ts';
import type { ProjectCommand } from '../projects/decider.ts';
import type { Project, ProjectState } from '../projects/state.ts';
import type { WorkflowCatalogue } from '../workflows/catalogue.ts';
import { budgetFrom } from './budget.ts';
import { causeOf, idFrom } from './cause.ts';
import { keepPrd } from './prd-document.ts';
import { projectFor } from './reach.ts';
import { chooseWorkflow } from './workflow-choice.ts';

export type Projects = CommandHandler<ProjectState, ProjectCommand, ProjectEvent>;

type UpdateBody = OperationInput<Operations['updateProject']>['body'];

/** The project, if the caller may see it and it was not removed. @throws {PartituraError} `PROJECT_NOT_FOUND` */
export const presentProject = async (
  context: CallContext,
  projects: Projects,
  projectId: string,
): Promise<Project> => existing(await projectFor(context, projects, projectId));

const changesIn = (
  { budget, workflow, name, stack, constraints, successCriteria }: UpdateBody,
  workflows: ReadonlyMap<string, Workflow>,
): ProjectChanges => ({
  ...(name === undefined ? {} : { name }),
  ...(budget === undefined ? {} : { budget: budget === null ? null : budgetFrom(budget) }),
  ...(workflow === undefined ? {} : { workflow: chooseWorkflow(workflow, workflows).name }),
  ...(stack === undefined ? {} : { stack }),
  ...(constraints === undefined ? {} : { constraints }),
  ...(successCriteria === undefined ? {} : { successCriteria }),
});

type Changes = Pick<
  OperationHandlers,
  'updateProject' | 'reviseProjectPrd' | 'cloneProject' | 'removeProject'
>;

/** What operators change of projects themselves, each in one decision on the project's stream. */
export const projectChanges = (
  dependencies: OrchestratorDependencies,
  projects: Projects,
  catalogue: WorkflowCatalogue,
): Changes => {
  const tell = async (project: Project, command: ProjectCommand, context: CallContext) => {
    const { id, owner } = project;
    const result = await projects.handle(streamName('project', id), {
      ...causeOf(context, { projectId: id, owner }),
      at: dependencies.clock.now(),
      command,
    });
    return { id, position: result.position };
  };
  return {
    updateProject: async ({ params, body }, context) => {
      const project = await presentProject(context, projects, params.id);
      const workflows = await catalogue.of(ownerOf(project.owner));
      return tell(project, { kind: 'configure', changes: changesIn(body, workflows) }, context);
    },
    reviseProjectPrd: async ({ params, body }, context) => {
      const project = await presentProject(context, projects, params.id);
      const text = checkPrd(body.text);
      const prd = await keepPrd(body.name ?? project.prd.name, text, ownerOf(project.owner), dependencies);
      return tell(project, { kind: 'revise_prd', prd }, context);
    },
    cloneProject: async ({ params, body }, context) => {
      const { id: _, owner, ...from } = await presentProject(context, projects, params.id);
      const projectId = idFrom('p', context.commandId);
      const { prd, repository, stack, constraints, successCriteria, budget, workflow } = from;
      const result = await projects.handle(streamName('project', projectId), {
        ...causeOf({ ...context, expectedRevision: null }, { projectId, owner }),
        at: dependencies.clock.now(),
        command: {
          kind: 'create',
          projectId,
          name: body.name ?? `${from.name} (copy)`.slice(0, 200),
          prd,
          repository,
          stack,
          constraints,
          successCriteria,
          budget,
          workflow,
        },
      });
      return { id: projectId, position: result.position };
    },
    removeProject: async ({ params }, context) =>
      tell(await presentProject(context, projects, params.id), { kind: 'remove' }, context),
  };
};
