import { fromCloudEvent, type RunChange, type RunStateResource } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import { agentChanges } from './changes/agent-changes.ts';
import { happeningOf, happeningTypes } from './changes/happenings.ts';
import { runChanges } from './changes/run-changes.ts';
import { taskChanges } from './changes/task-changes.ts';

/** The run and its phases before what is in them; money last. */
const order: readonly RunChange['subject'][] = [
  'run',
  'phase',
  'plan',
  'approval',
  'task',
  'agent',
  'merge',
  'knowledge',
  'budget',
];

const happenings = async (
  readers: Readers,
  runId: string,
  from: string,
  to: string,
): Promise<readonly RunChange[]> => {
  const query = { where: { runId, type: happeningTypes }, between: { from, to } };
  const pages = await Array.fromAsync(readers.pages('history', query));
  return pages
    .flat()
    .filter(({ position }) => position > from)
    .flatMap(({ event }) => happeningOf(fromCloudEvent(event)));
};

/** What changed on the way from one state to a later one. */
export const changesBetween = async (
  readers: Readers,
  was: RunStateResource,
  is: RunStateResource,
): Promise<RunChange[]> => {
  const all = [
    ...runChanges(was, is),
    ...taskChanges(was.tasks, is.tasks),
    ...agentChanges(was.agents, is.agents),
    ...(await happenings(readers, is.run.id, was.position, is.position)),
  ];
  return all.sort(
    (left, right) =>
      order.indexOf(left.subject) - order.indexOf(right.subject) ||
      (left.position < right.position ? -1 : Number(left.position > right.position)),
  );
};
