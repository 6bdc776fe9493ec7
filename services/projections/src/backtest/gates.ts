import type { Finding as ReviewFinding } from '@partitura/shared/events';
import { isHeldBack } from '@partitura/shared/policies';
import { isType, type PastRun, timeOf } from './record.ts';
import { type Finding, nothingFound, type Policy, type Stop, unknownAt } from './stops.ts';

type Wanted = NonNullable<Policy['gates']>;

const setting = 'gates.blocking';
const isCritical = ({ severity }: ReviewFinding): boolean => severity === 'critical';

/** The latest that a review handed in, phase by phase: a phase with an agent of its own begins with none. */
const reviewsOf = ({ words }: PastRun) => {
  let findings: readonly ReviewFinding[] = [];
  return words.flatMap((word) => {
    if (isType(word, 'phase.entered') && word.data.act === 'agent') findings = [];
    if (isType(word, 'task.completed') && word.data.findings.length > 0) findings = word.data.findings;
    return isType(word, 'phase.completed') ? [{ at: word, findings }] : [];
  });
};

type Review = ReturnType<typeof reviewsOf>[number];

const titlesOf = (findings: readonly ReviewFinding[]): string =>
  findings
    .filter(isCritical)
    .map(({ title }) => title)
    .join('; ');

const heldBack = (run: PastRun, { at, findings }: Review, later: Review | undefined): Stop => ({
  setting,
  action: 'hold_back',
  subject: run.runId,
  detail: `${at.data.phase} would not have passed: ${titlesOf(findings)}`,
  at,
  time: timeOf(at),
  // It would have gone on with mending: what that costs stands nowhere.
  spares: [],
  until: timeOf(at),
  wrongly: later ? !later.findings.some(isCritical) : null,
  outcome: later
    ? 'It was looked at again later.'
    : `Nobody looked at it again; the run was ${run.completed ? '' : 'not '}completed.`,
});

/** What another answer to critical findings would have held back. */
export const byGates = (run: PastRun, wanted: Wanted | undefined): Finding => {
  if (wanted === undefined) return nothingFound;
  const was = run.configuration.workflow.policy.gate;
  const reviews = reviewsOf(run);
  const isNew = ({ findings }: Review) => !isHeldBack(was, findings) && isHeldBack(wanted.blocking, findings);
  const isGone = ({ findings }: Review) =>
    isHeldBack(was, findings) && !isHeldBack(wanted.blocking, findings);
  const laterThan = (review: Review) =>
    reviews.slice(reviews.indexOf(review) + 1).find(({ findings }) => findings !== review.findings);
  return {
    stops: reviews.filter(isNew).map((review) => heldBack(run, review, laterThan(review))),
    unknown: reviews.filter(isGone).map(({ at, findings }) => {
      const detail = `It would have gone on with what the review found: ${titlesOf(findings)}`;
      return unknownAt(setting, at.data.phase, at, detail);
    }),
  };
};
