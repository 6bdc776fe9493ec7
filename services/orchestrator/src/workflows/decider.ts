import { canonicalJson } from '@partitura/shared/canonical';
import type { WorkflowEvent } from '@partitura/shared/events';
import type { Decider } from '@partitura/shared/processing';
import { PartituraError } from '@partitura/shared/runtime';
import type { Workflow } from '@partitura/shared/workflows';

/** By name, the versions in their order: the n-th is version n. */
export type PublishedWorkflows = Map<string, Workflow[]>;

export interface PublishWorkflow {
  readonly kind: 'publish';
  readonly workflow: Workflow;
}

/**
 * Versions are numbered without a gap and never change: whoever names one gets today what he got then. The same again, as of a command
 * that is sent twice or a file that is published by every build, is not another version.
 */
const publish = ({ workflow }: PublishWorkflow, published: PublishedWorkflows): readonly WorkflowEvent[] => {
  const { name, version } = workflow;
  const versions = published.get(name) ?? [];
  const existing = versions[version - 1];
  if (existing && canonicalJson(existing) === canonicalJson(workflow)) return [];
  const next = versions.length + 1;
  if (version === next) return [{ type: 'workflow.published', data: { workflow } }];
  if (existing)
    throw new PartituraError(
      'VERSION_ALREADY_PUBLISHED',
      `Version ${version} of ${name} is published, and is another.`,
      { advice: `Publish it as version ${next}, or without a version.` },
    );
  throw new PartituraError(
    'WRONG_WORKFLOW_VERSION',
    `The next version of ${name} is ${next}, not ${version}.`,
  );
};

export const workflowDecider: Decider<PublishedWorkflows, PublishWorkflow, WorkflowEvent> = {
  initial: () => new Map(),
  decide: publish,
  evolve: (published, { data: { workflow } }) => {
    const versions = published.get(workflow.name);
    if (versions) versions.push(workflow);
    else published.set(workflow.name, [workflow]);
    return published;
  },
};
