import { planDocument, type Requirement } from '@partitura/shared/planning';
import type { Contents } from '../agents/contents.ts';
import { unlessLost } from './lost-content.ts';
import { ofType, proofOf, type Word, type Words } from './record.ts';
import type { MissingLink, WhyResource } from './resource.ts';

type Shown = WhyResource['requirements'][number];
type TaskAdded = Word<'run', 'task.added'>;
type Accepted = Word<'run', 'plan.accepted'>;

/** The PRD that a plan is for: the run's own, until it was re-planned for another. */
const prdOf = (run: Words<'run'>, accepted: Accepted) => {
  const replanned = ofType(run, 'run.replan_started').findLast(
    ({ position }) => position < accepted.position,
  );
  return replanned?.data.prd ?? ofType(run, 'run.created')[0]?.data.configuration.prd ?? null;
};

const linesOf = async (contents: Pick<Contents, 'read'>, prd: ReturnType<typeof prdOf>) => {
  const text = prd === null ? null : await unlessLost(contents.read(prd.content));
  return text?.split('\n').map((line) => line.replace(/\r$/, '')) ?? null;
};

const requirementsIn = async (
  contents: Pick<Contents, 'readJson'>,
  { data }: Accepted,
): Promise<readonly Requirement[] | null> => {
  const plan = planDocument.safeParse(await unlessLost(contents.readJson(data.plan)));
  return plan.success ? plan.data.requirements : null;
};

const planGone = (accepted: Accepted | undefined): string => {
  if (accepted === undefined) return 'Nothing is recorded of a plan that was accepted.';
  const { type, revision, stream, data } = accepted;
  return `The plan that says what the requirements are is lost: blob ${data.plan.hash} of ${type}, event ${revision} of ${stream}, is not in the blob store any more, or damaged. Bring it back from a backup.`;
};

const missing = (code: string, detail: string): MissingLink => ({ link: 'requirements', code, detail });

const whatInstead = ({ data: { definition } }: TaskAdded): string => {
  switch (definition.kind) {
    case 'fix':
      return 'It mends what a review found.';
    case 'review':
      return 'It reviews the whole of the run.';
    default:
      return 'The plan gave it none.';
  }
};

/**
 * The requirements that a task is for, with the lines of the PRD they come from, by the plan that was in force: the last that was
 * accepted before `until`.
 */
const requirementsOf = async (
  contents: Pick<Contents, 'read' | 'readJson'>,
  run: Words<'run'>,
  task: TaskAdded,
  until: string,
): Promise<{ readonly requirements: readonly Shown[]; readonly missing: readonly MissingLink[] }> => {
  const wanted = task.data.definition.requirementIds;
  if (wanted.length === 0)
    return {
      requirements: [],
      missing: [
        missing(
          'TASK_SERVES_NO_REQUIREMENT',
          `${task.data.taskId} serves no requirement. ${whatInstead(task)}`,
        ),
      ],
    };
  const plans = ofType(run, 'plan.accepted');
  const accepted = plans.findLast(({ position }) => position < until) ?? plans[0];
  const known = accepted ? await requirementsIn(contents, accepted) : null;
  if (accepted === undefined || known === null)
    return {
      requirements: [],
      missing: [missing('PLAN_GONE', planGone(accepted))],
    };
  const prd = prdOf(run, accepted);
  const lines = await linesOf(contents, prd);
  const found = known.filter(({ id }) => wanted.includes(id));
  const requirements = found.map(({ id, sourceId, text, line }) => ({
    id,
    sourceId,
    text,
    prd: {
      name: prd?.name ?? '',
      artifactId: prd?.content.hash ?? '',
      line,
      text: lines?.[line - 1] ?? null,
    },
    event: proofOf(accepted),
  }));
  const unknown = wanted.filter((id) => found.every((one) => one.id !== id));
  return {
    requirements,
    missing: unknown.map((id) => missing('REQUIREMENT_UNKNOWN', `The plan has no requirement ${id}.`)),
  };
};

type Approval = WhyResource['approvals'][number];

const outcomes = {
  'approval.granted': 'granted',
  'approval.denied': 'denied',
  'approval.expired': 'expired',
} as const;

/** What people were asked and said of the run as a whole and of the task, and the work that somebody took as it is. */
const approvalsOf = (run: Words<'run'>, taskId: string): Approval[] => {
  const decisions = run.flatMap((event) =>
    event.type === 'approval.granted' || event.type === 'approval.denied' || event.type === 'approval.expired'
      ? [event]
      : [],
  );
  const isOfAnother = (subject: string): boolean =>
    subject.startsWith(taskId.slice(0, taskId.indexOf('.') + 1)) && !isOfTask(subject, taskId);
  const asked = ofType(run, 'approval.requested').map((requested): Approval => {
    const { approvalId, action, subject } = requested.data;
    const decided = decisions.find(({ data }) => data.approvalId === approvalId);
    return {
      id: approvalId,
      of: isOfTask(subject, taskId) ? 'task' : 'run',
      action,
      subject,
      status: decided ? outcomes[decided.type] : 'pending',
      decidedBy: decided?.metadata.actor ?? null,
      comment: decided && 'comment' in decided.data ? decided.data.comment : '',
      requested: proofOf(requested),
      decided: decided ? proofOf(decided) : null,
    };
  });
  const taken = ofType(run, 'task.approved').map(
    (event): Approval => ({
      id: event.id,
      of: 'task',
      action: 'take_work',
      subject: event.data.taskId,
      status: 'granted',
      decidedBy: event.metadata.actor,
      comment: event.data.comment,
      requested: proofOf(event),
      decided: proofOf(event),
    }),
  );
  return [...asked, ...taken].filter(({ subject }) => !isOfAnother(subject));
};

const isOfTask = (subject: string, taskId: string): boolean =>
  subject === taskId || subject.startsWith(`${taskId}.a`);

type Purpose = Pick<WhyResource, 'task' | 'requirements' | 'approvals' | 'missing'>;

/** What the work was for, and who said yes to it. `until` is the position that the plan in force is looked for before. */
export const purposeOf = async (
  contents: Pick<Contents, 'read' | 'readJson'>,
  run: Words<'run'>,
  added: TaskAdded | undefined,
  taskId: string,
  until = '\uffff',
): Promise<Purpose> => {
  const approvals = approvalsOf(run, taskId);
  if (added === undefined) {
    const detail = `The run never had a task ${taskId}.`;
    return {
      task: null,
      requirements: [],
      approvals,
      missing: [{ link: 'task', code: 'TASK_NOT_RECORDED', detail }],
    };
  }
  const { definition, phase, conflict } = added.data;
  const { key, kind, title, description, agentType, requirementIds } = definition;
  const { requirements, missing } = await requirementsOf(contents, run, added, until);
  const task = {
    id: taskId,
    key,
    kind,
    title,
    description,
    agentType,
    phase,
    requirementIds,
    conflict: conflict && { taskId: conflict.taskId, branch: conflict.branch, files: conflict.files },
    event: proofOf(added),
  };
  return { task, requirements: [...requirements], approvals, missing: [...missing] };
};
