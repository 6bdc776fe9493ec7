import type { RecordedAs, RecordedEvent, RecordedIn } from '@partitura/shared/events';
import { isInherited } from '@partitura/shared/forking';
import type { ComparedDecision } from './resource.ts';

export type RunWords = readonly RecordedIn<'run'>[];
type Kind = ComparedDecision['kind'];

/** Something that was decided in a run: what on, and how. */
export interface Decision {
  readonly kind: Kind;
  readonly subject: string;
  /** What it was decided to be, for people. */
  readonly value: string;
  /** The same where it is the same decision. */
  readonly sameAs: string;
  readonly event: RecordedEvent;
}

/** Ids of tasks and attempts without their run: two runs' would never be the same with it. */
export const withoutRun = (id: string): string => id.slice(id.indexOf('.') + 1);

const decided = (
  event: RecordedEvent,
  kind: Kind,
  subject: string,
  value: string,
  sameAs = value,
): readonly Decision[] => [{ kind, subject, value, sameAs, event }];

const configured = (event: RecordedAs<'run.created'>): readonly Decision[] => {
  const { model, workflow, budget, prd, maxAgents, step } = event.data.configuration;
  const settings: readonly (readonly [string, string, string?])[] = [
    ['prd', prd.title, prd.content.hash],
    ['model', model],
    ['workflow', `${workflow.name} ${workflow.version}`, JSON.stringify(workflow)],
    ['budget', JSON.stringify(budget)],
    ['maxAgents', String(maxAgents)],
    ['step', String(step)],
  ];
  return settings.flatMap(([subject, value, sameAs]) =>
    decided(event, 'configuration', subject, value, sameAs),
  );
};

const decisionsIn = (event: RecordedIn<'run'>): readonly Decision[] => {
  switch (event.type) {
    case 'run.created':
      return configured(event);
    case 'phase.entered':
      return decided(event, 'phase', `${event.data.phase} ${event.data.visit}`, event.data.act);
    case 'plan.accepted': {
      const { plan, planRevision, tasks } = event.data;
      return decided(event, 'plan', `plan ${planRevision}`, `${tasks} tasks`, plan.hash);
    }
    case 'run.replanned': {
      const { number, added, cancelled } = event.data;
      return decided(event, 'replan', String(number), `${added.length} added, ${cancelled.length} cancelled`);
    }
    case 'approval.granted':
    case 'approval.denied':
    case 'approval.expired':
      return decided(
        event,
        'approval',
        withoutRun(event.data.approvalId),
        event.type.slice('approval.'.length),
      );
    case 'gate.evaluated': {
      const { gate, subject, verdict } = event.data;
      return decided(event, 'gate', `${gate} of ${withoutRun(subject)}`, verdict);
    }
    case 'budget.exhausted':
      return decided(event, 'budget', event.data.limit, `exhausted: ${event.data.action}`);
    case 'run.completed':
      return decided(event, 'end', 'run', 'completed');
    case 'run.failed':
      return decided(event, 'end', 'run', `failed: ${event.data.problem.code}`);
    case 'run.cancelled':
      return decided(event, 'end', 'run', 'cancelled');
    case 'run.stopped':
      return decided(event, 'end', 'run', `stopped by ${event.data.by}`);
    default:
      return ofTasks(event);
  }
};

const ofTasks = (event: RecordedIn<'run'>): readonly Decision[] => {
  switch (event.type) {
    case 'task.scheduled': {
      const { attemptId, agentType, model } = event.data;
      return decided(event, 'attempt', withoutRun(attemptId), `${agentType} with ${model}`);
    }
    case 'task.completed':
      return decided(event, 'outcome', withoutRun(event.data.attemptId), 'completed');
    case 'task.attempt_failed':
    case 'task.failed':
      return decided(
        event,
        'outcome',
        withoutRun(event.data.attemptId),
        `failed: ${event.data.problem.code}`,
      );
    case 'task.dead_lettered':
      return decided(event, 'outcome', withoutRun(event.data.taskId), 'dead letter');
    case 'task.cancelled':
      return decided(event, 'outcome', withoutRun(event.data.taskId), 'cancelled');
    case 'task.approved':
      return decided(event, 'approval', withoutRun(event.data.taskId), 'taken as it is');
    default:
      return [];
  }
};

/** What is decided twice on the same, as a gate that looks again, is two decisions. */
const numbered = (decisions: readonly Decision[]): readonly Decision[] => {
  const seen = new Map<string, number>();
  return decisions.map((decision) => {
    const name = `${decision.kind} ${decision.subject}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? decision : { ...decision, subject: `${decision.subject} (${times})` };
  });
};

const byPosition = (left: RecordedEvent, right: RecordedEvent): number =>
  left.position < right.position ? -1 : Number(left.position > right.position);

/** All that was decided in a run, in the order of the log: of a fork, first what it inherited. */
export const decisionsOf = (words: RunWords): readonly Decision[] =>
  numbered(words.toSorted(byPosition).flatMap(decisionsIn));

const shown = ({ value, event }: Decision): NonNullable<ComparedDecision['a']> => {
  const { id, position, time } = isInherited(event) ? event.recorded : event;
  return { value, eventId: id, position, time };
};

export interface ComparedDecisions {
  readonly same: number;
  /** In the order in which they parted. */
  readonly differences: readonly ComparedDecision[];
}

/**
 * Decisions of two runs side by side, by what they are on. Tasks run side by side in any order, which is no difference. `rename` says what
 * the second run's subjects are called in the first.
 */
export const compareDecisions = (
  first: readonly Decision[],
  second: readonly Decision[],
  rename: (subject: string) => string,
): ComparedDecisions => {
  const nameOf = (decision: Decision): string => `${decision.kind} ${decision.subject}`;
  const renamed = second.map((decision) => ({ ...decision, subject: rename(decision.subject) }));
  const others = new Map(renamed.map((decision, index) => [nameOf(decision), { decision, index }]));
  let same = 0;
  const differences: { readonly at: number; readonly one: ComparedDecision }[] = [];
  for (const [index, decision] of first.entries()) {
    const other = others.get(nameOf(decision));
    others.delete(nameOf(decision));
    const { kind, subject } = decision;
    if (other?.decision.sameAs === decision.sameAs) same += 1;
    else
      differences.push({
        // They have parted when both have decided; a fork says at its beginning, behind its past, what is different.
        at: Math.max(index, other?.index ?? 0),
        one: { kind, subject, a: shown(decision), b: other ? shown(other.decision) : null },
      });
  }
  for (const { decision, index } of others.values()) {
    const { kind, subject } = decision;
    differences.push({ at: index, one: { kind, subject, a: null, b: shown(decision) } });
  }
  differences.sort((left, right) => left.at - right.at);
  return { same, differences: differences.map(({ one }) => one) };
};
