import type { EventMetadata, PlanEvent } from '@partitura/shared/events';
import { recordedIn, streamName } from '@partitura/shared/events';
import { readWithPast } from '@partitura/shared/forking';
import {
  dependencyGraph,
  planDocument,
  type TaskDefinition,
  topologicalOrder,
} from '@partitura/shared/planning';
import { planHolder } from '@partitura/shared/policies';
import { causedBy } from './context.ts';
import type { ReactionDependencies, Reactions } from './reaction.ts';

type Proposal = Extract<PlanEvent, { type: 'plan.proposed' }>['data'];
type Cause = { readonly commandId: string; readonly metadata: EventMetadata };

const runIdOf = ({ stream }: { readonly stream: string }): string => stream.slice('plan-'.length);

/** Each task after those it depends on: deciding folds them in this order. */
const inOrder = (tasks: readonly TaskDefinition[]): readonly TaskDefinition[] =>
  topologicalOrder(dependencyGraph(tasks)).flatMap((index) => tasks[index] ?? []);

const propose = async (
  runId: string,
  proposal: Proposal,
  cause: Cause,
  { blobs, runs }: ReactionDependencies,
): Promise<void> => {
  const { plan, planRevision } = proposal;
  // An old word of a plan that was accepted: its document may be large. Revisions only grow, so that any memory is good enough.
  const { state } = await runs.read(runId);
  if (state !== null && planRevision <= state.planRevision) return;
  const document = planDocument.parse(JSON.parse(new TextDecoder().decode(await blobs.get(plan.hash))));
  const { change } = document;
  const requirementIds = document.requirements.map(({ id }) => id);
  await runs.handle(
    runId,
    {
      kind: 'accept_plan',
      plan,
      planRevision,
      requirementIds,
      tasks: inOrder(document.tasks),
      ...(change ? { change: { number: change.number, dropped: change.dropped } } : {}),
    },
    cause,
  );
};

/** After a yes: the plan that was asked about is the last one proposed, or the binding would have gone with it. */
export const proposeLatestPlan = async (
  runId: string,
  cause: Cause,
  dependencies: ReactionDependencies,
): Promise<void> => {
  let proposed: Proposal | null = null;
  // From its beginning: a fork's plan may stand in what it inherited.
  for await (const page of readWithPast(dependencies.store, streamName('plan', runId)))
    for (const { type, data } of recordedIn('plan', page)) if (type === 'plan.proposed') proposed = data;
  if (proposed !== null) await propose(runId, proposed, cause, dependencies);
};

export const planReactions: Reactions<
  'plan.proposed' | 'plan.phase_finished' | 'plan.failed' | 'plan.allowance_requested'
> = {
  'plan.proposed': (event, dependencies) =>
    propose(runIdOf(event), event.data, causedBy(event), dependencies),
  'plan.phase_finished': (event, { runs }) =>
    runs.handle(runIdOf(event), { kind: 'finish_planning', ...event.data }, causedBy(event)),
  'plan.failed': (event, { runs }) =>
    runs.handle(runIdOf(event), { kind: 'fail_planning', ...event.data }, causedBy(event)),
  'plan.allowance_requested': (event, { runs }) =>
    runs.handle(
      runIdOf(event),
      { kind: 'request_allowance', holder: planHolder, ...event.data },
      causedBy(event),
    ),
};
