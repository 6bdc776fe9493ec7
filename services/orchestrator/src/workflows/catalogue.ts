import type { EventStore } from '@partitura/shared/event-store';
import { type OrganizationId, streamName } from '@partitura/shared/events';
import { type CommandHandler, commandHandler } from '@partitura/shared/processing';
import type { Workflow } from '@partitura/shared/workflows';
import { type PublishedWorkflows, type PublishWorkflow, workflowDecider } from './decider.ts';

/**
 * The ways of working of each organisation: its own, and those that come with the program, whose names nobody else may use. They are
 * folded from one small stream, of which only what is new is read at each question, so that a replica knows what another published.
 */
export interface WorkflowCatalogue {
  readonly published: CommandHandler<
    PublishedWorkflows,
    PublishWorkflow,
    Parameters<typeof workflowDecider.evolve>[1]
  >;
  isBuiltIn(name: string): boolean;
  /** In their latest versions, by name. */
  of(organizationId: OrganizationId): Promise<ReadonlyMap<string, Workflow>>;
  /** All versions, ascending; none where there is no such name. */
  versionsOf(organizationId: OrganizationId, name: string): Promise<readonly Workflow[]>;
}

export const workflowCatalogue = (
  store: EventStore,
  builtIn: ReadonlyMap<string, Workflow>,
): WorkflowCatalogue => {
  const published = commandHandler(store, workflowDecider);
  const own = async (organizationId: OrganizationId): Promise<PublishedWorkflows> =>
    (await published.read(streamName('workflow', organizationId), { fresh: true })).state;
  return {
    published,
    isBuiltIn: (name) => builtIn.has(name),
    of: async (organizationId) => {
      const latest = [...(await own(organizationId))].flatMap(([name, versions]) => {
        const last = versions.at(-1);
        return last ? [[name, last] as const] : [];
      });
      return new Map([...latest, ...builtIn]);
    },
    versionsOf: async (organizationId, name) => {
      const known = builtIn.get(name);
      return known ? [known] : [...((await own(organizationId)).get(name) ?? [])];
    },
  };
};
