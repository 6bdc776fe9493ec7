import type { RunChange, RunResource, RunStateResource } from '@partitura/shared/http';
import { asSentence, counted, dollars, named, pairsOf } from './change.ts';

type State = RunStateResource;

const statusChange = (was: RunResource, is: RunResource): readonly RunChange[] => {
  if (was.status === is.status) return [];
  const detail = is.statusDetail === null ? '' : `: ${is.statusDetail}`;
  return [
    {
      subject: 'run',
      id: is.id,
      change: is.status,
      sentence: asSentence(`The run was ${spoken(was.status)} and is ${spoken(is.status)}${detail}`),
      before: { status: was.status },
      after: { status: is.status, statusDetail: is.statusDetail },
      position: is.position,
    },
  ];
};

const spoken = (status: RunResource['status']): string =>
  status.startsWith('stopped_') ? `stopped by its ${status.slice('stopped_'.length)}` : status;

const tokensIn = ({ usage }: RunResource): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
const spendingOf = (run: RunResource) => ({
  costUsd: run.usage.costUsd,
  tokens: tokensIn(run),
  calls: run.usage.calls,
});

const budgetChange = (was: RunResource, is: RunResource): readonly RunChange[] => {
  const before = spendingOf(was);
  const after = spendingOf(is);
  const calls = after.calls - before.calls;
  if (calls === 0) return [];
  // Dollars are sums of whole micro-dollars, and so are their differences.
  const cost = Math.round((after.costUsd - before.costUsd) * 1_000_000) / 1_000_000;
  const tokens = counted(after.tokens - before.tokens, 'token');
  const limit = is.budget?.usd == null ? '' : ` of ${dollars(is.budget.usd)}`;
  return [
    {
      subject: 'budget',
      id: is.id,
      change: 'spent',
      sentence: `${dollars(cost)} and ${tokens} were spent in ${counted(calls, 'call')}: ${dollars(after.costUsd)}${limit} in all.`,
      before,
      after,
      position: is.position,
    },
  ];
};

const planChange = (was: State, is: State): readonly RunChange[] => {
  const { plan } = is;
  if (plan === null) return [];
  const same = was.plan?.revision === plan.revision && was.plan.status === plan.status;
  if (same) return [];
  return [
    {
      subject: 'plan',
      id: plan.artifactId,
      change: plan.status,
      sentence: `Revision ${plan.revision} of the plan was ${plan.status}: ${counted(plan.tasks, 'task')}, ${counted(plan.requirements, 'requirement')}.`,
      before: was.plan && { revision: was.plan.revision, status: was.plan.status },
      after: { revision: plan.revision, status: plan.status, tasks: plan.tasks },
      position: is.position,
    },
  ];
};

const approvalChanges = (was: State, is: State): readonly RunChange[] =>
  pairsOf(was.approvals, is.approvals).flatMap(([before, { id, action, status, decidedBy, position }]) => {
    if (before?.status === status) return [];
    const by = decidedBy === null ? '' : ` by ${decidedBy}`;
    const change = status === 'pending' ? 'requested' : status;
    const what = action.replaceAll('_', ' ');
    const sentence =
      status === 'pending'
        ? `Somebody is asked to approve: ${what}.`
        : `The approval of ${what} ${status === 'expired' ? 'expired' : `was ${status}`}${by}.`;
    return [
      {
        subject: 'approval' as const,
        id,
        change,
        sentence,
        before: before && { status: before.status },
        after: { status, decidedBy },
        position,
      },
    ];
  });

const knowledgeChanges = (was: State, is: State): readonly RunChange[] =>
  pairsOf(was.knowledge.nodes, is.knowledge.nodes).flatMap(([before, node]) => {
    const { id, kind, title, retracted, position } = node;
    const change = (name: string, says: string): RunChange => ({
      subject: 'knowledge',
      id,
      change: name,
      sentence: `${named(title)} ${says}.`,
      before: before && { retracted: before.retracted },
      after: { kind, title, retracted },
      position,
    });
    const gone = change('retracted', 'is not relied on any more');
    if (before === null) return [change('added', `is known (${kind})`), ...(retracted ? [gone] : [])];
    if (before.retracted === retracted) return [];
    return [retracted ? gone : change('confirmed', 'is relied on again')];
  });

/** What is told of the run as a whole. */
export const runChanges = (was: State, is: State): readonly RunChange[] => [
  ...statusChange(was.run, is.run),
  ...planChange(was, is),
  ...approvalChanges(was, is),
  ...knowledgeChanges(was, is),
  ...budgetChange(was.run, is.run),
];
