import { canonicalJson } from '@partitura/shared/canonical';
import { defaultOrganization, type OrganizationId, streamName } from '@partitura/shared/events';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { type Clock, PartituraError } from '@partitura/shared/runtime';
import type { Workflow } from '@partitura/shared/workflows';
import type { WorkflowCatalogue } from '../workflows/catalogue.ts';
import { causeOf } from './cause.ts';
import { chooseWorkflow } from './workflow-choice.ts';

type WorkflowOperations = Pick<
  OperationHandlers,
  'listWorkflows' | 'publishWorkflow' | 'getWorkflow' | 'getWorkflowVersion'
>;

/** Whoever sees the whole installation and names no organisation means the one that everybody begins with. */
export const organizationOf = ({ organizationId }: Pick<CallContext, 'organizationId'>): OrganizationId =>
  organizationId ?? defaultOrganization;

const notFound = (what: string): PartituraError =>
  new PartituraError('WORKFLOW_NOT_FOUND', `There is no workflow ${what}.`, {
    advice: 'See those there are: GET /api/v1/workflows',
  });

export const workflowOperations = (catalogue: WorkflowCatalogue, clock: Clock): WorkflowOperations => {
  const show = (definition: Workflow, versions: readonly Workflow[]) => ({
    name: definition.name,
    version: definition.version,
    builtIn: catalogue.isBuiltIn(definition.name),
    versions: versions.map(({ version }) => version),
    definition,
  });

  /** What is published without a version is the next one. */
  const numbered = async (body: Readonly<Record<string, unknown>>, organizationId: OrganizationId) => {
    if (body.version !== undefined) return chooseWorkflow(body, new Map());
    const definition = chooseWorkflow({ ...body, version: 1 }, new Map());
    const versions = await catalogue.versionsOf(organizationId, definition.name);
    const last = versions.at(-1);
    // Published by every build without a version, the same would be another one each time.
    const isLast = last && canonicalJson({ ...last, version: 1 }) === canonicalJson(definition);
    return { ...definition, version: isLast ? last.version : versions.length + 1 };
  };

  return {
    listWorkflows: async (_, context) => {
      const known = await catalogue.of(organizationOf(context));
      const items = [...known.values()].map(({ name, version, description, phases }) => ({
        name,
        version,
        description,
        phases: phases.map(({ id }) => id),
        builtIn: catalogue.isBuiltIn(name),
      }));
      return { items: items.sort((left, right) => (left.name < right.name ? -1 : 1)), nextCursor: null };
    },
    publishWorkflow: async ({ body }, context) => {
      const organizationId = organizationOf(context);
      const definition = await numbered(body, organizationId);
      const { name, version } = definition;
      if (catalogue.isBuiltIn(name))
        throw new PartituraError('WORKFLOW_NAME_TAKEN', `"${name}" comes with the program.`, {
          problems: [{ path: 'name', message: 'is that of a built-in workflow' }],
        });
      const { position } = await catalogue.published.handle(streamName('workflow', organizationId), {
        ...causeOf(
          { ...context, expectedRevision: null },
          { owner: context.organizationId === null ? {} : { organizationId } },
        ),
        at: clock.now(),
        command: { kind: 'publish', workflow: definition },
      });
      return { id: name, version, position };
    },
    getWorkflow: async ({ params: { name } }, context) => {
      const versions = await catalogue.versionsOf(organizationOf(context), name);
      const last = versions.at(-1);
      if (!last) throw notFound(`"${name}"`);
      return show(last, versions);
    },
    getWorkflowVersion: async ({ params: { name, version } }, context) => {
      const versions = await catalogue.versionsOf(organizationOf(context), name);
      const found = versions.find((one) => one.version === version);
      if (!found) throw notFound(`"${name}" in version ${version}`);
      return show(found, versions);
    },
  };
};
