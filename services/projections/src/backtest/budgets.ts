import { type Amount, addUsage, type Budget, noUsage, tokensOf, type Usage } from '@partitura/shared/events';
import { createLedger, fits, freeOf, hold, mayGiveBack, nothing, settle } from '@partitura/shared/policies';
import { holderOf, isType, type PastRun, timeOf, type Word, type WordOf } from './record.ts';
import { callsFrom, type Finding, nothingFound, type Policy, type Stop, unknownAt } from './stops.ts';

type Wanted = NonNullable<Policy['budget']>;

const budgetOf = ({ usd, tokens, wallMs }: Wanted): Budget => ({
  microUsd: usd === undefined ? null : Math.round(usd * 1_000_000),
  tokens: tokens ?? null,
  wallMs: wallMs ?? null,
  onExceed: 'stop',
  thresholds: [],
});

const stopAt = (run: PastRun, setting: string, at: Word, time: number, detail: string): Stop => ({
  setting,
  action: 'stop_run',
  subject: run.runId,
  detail,
  at,
  time,
  spares: callsFrom(run, at.position, () => true),
  until: run.endedAt,
  wrongly: run.completed,
  outcome: run.completed ? 'The run was completed.' : 'The run was not completed.',
});

/** Whose last word it is: what that holder did not spend is free again. An attempt whose runner is gone is ended by its run. */
const endedBy = (word: Word): string | null => {
  switch (word.type) {
    case 'agent.finished':
    case 'plan.phase_finished':
    case 'plan.failed':
      return holderOf(word);
    case 'task.submitted':
    case 'task.completed':
    case 'task.attempt_failed':
    case 'task.failed':
      return word.data.attemptId;
    default:
      return null;
  }
};

/**
 * Goes through a run's calls with the ledger that runs go by: each is set aside before it is made, what its holder has left counted
 * towards it; who does not get enough waits as long as somebody may give something back, and the first who waits in vain ends the run.
 */
const whereMoneyEnds = (
  run: PastRun,
  budget: Budget,
): { readonly at: Word; readonly asked: Amount } | null => {
  const ledger = createLedger();
  const spent = new Map<string, Usage>();
  const spentBy = (holder: string): Usage => spent.get(holder) ?? noUsage;

  const missingFor = (holder: string, worst: Amount): Amount => {
    const held = ledger.held.get(holder) ?? nothing;
    const used = spentBy(holder);
    return {
      tokens: Math.max(0, worst.tokens - Math.max(0, held.tokens - tokensOf(used))),
      microUsd: Math.max(0, worst.microUsd - Math.max(0, held.microUsd - used.costMicroUsd)),
    };
  };

  /** Null when everybody who waits may hope. */
  const answer = (): Amount | null => {
    for (let first = ledger.waiting[0]; first; first = ledger.waiting[0]) {
      if (!fits(first.amount, freeOf(ledger, budget))) return mayGiveBack(ledger) ? null : first.amount;
      ledger.waiting.shift();
      hold(ledger, first.holder, first.amount);
    }
    return null;
  };

  const take = (word: Word): void => {
    const holder = holderOf(word);
    if (isType(word, 'model.requested')) {
      if (!ledger.held.has(holder)) hold(ledger, holder, nothing);
      const amount = missingFor(holder, word.data.reserved);
      ledger.waiting.push({ holder, requestId: word.data.callId, amount });
    }
    if (isType(word, 'model.answered') || isType(word, 'model.failed'))
      spent.set(holder, addUsage(spentBy(holder), word.data.usage));
    const ended = endedBy(word);
    if (ended === null) return;
    settle(ledger, ended, spentBy(ended));
    spent.delete(ended);
  };

  for (const at of run.words) {
    take(at);
    const asked = answer();
    if (asked !== null) return { at, asked };
  }
  return null;
};

const moneyOf = (microUsd: number): string => `$${(microUsd / 1_000_000).toFixed(2)}`;

const byMoneyOrTokens = (run: PastRun, budget: Budget): readonly Stop[] => {
  if (budget.microUsd === null && budget.tokens === null) return [];
  const end = whereMoneyEnds(run, budget);
  if (end === null) return [];
  const { at, asked } = end;
  const before = run.calls.filter(({ position }) => position < at.position);
  const spent = before.reduce((sum, { usage }) => addUsage(sum, usage), noUsage);
  const short = budget.microUsd !== null && spent.costMicroUsd + asked.microUsd > budget.microUsd;
  const detail = short
    ? `After ${moneyOf(spent.costMicroUsd)} of ${moneyOf(budget.microUsd ?? 0)}, the next call might have cost ${moneyOf(asked.microUsd)}.`
    : `After ${tokensOf(spent)} of ${budget.tokens ?? 0} tokens, the next call might have taken ${asked.tokens}.`;
  return [stopAt(run, short ? 'budget.usd' : 'budget.tokens', at, timeOf(at), detail)];
};

/** The run's time counts while it is paused too, and ends it when it would go on. */
const byTime = (run: PastRun, wallMs: number | null): readonly Stop[] => {
  if (wallMs === null) return [];
  const deadline = run.startedAt + wallMs;
  if (run.endedAt <= deadline) return [];
  let paused = false;
  for (const at of run.words) {
    if (at.type === 'run.paused') paused = true;
    if (at.type === 'run.resumed') paused = false;
    if (!paused && timeOf(at) >= deadline)
      return [
        stopAt(
          run,
          'budget.wallMs',
          at,
          Math.max(deadline, pausedUntil(at)),
          `Its time of ${wallMs} ms was up.`,
        ),
      ];
  }
  return [];
};

const pausedUntil = (at: Word): number => (at.type === 'run.resumed' ? timeOf(at) : 0);

const settings = { usd: 'budget.usd', tokens: 'budget.tokens', wall: 'budget.wallMs' } as const;

/** A limit that the run came to itself, and that is wider now. */
const widened = (exhausted: WordOf<'budget.exhausted'>, budget: Budget): boolean => {
  const limits = { usd: budget.microUsd, tokens: budget.tokens, wall: budget.wallMs };
  const now = limits[exhausted.data.limit];
  return now !== null && now > exhausted.data.allowed;
};

/** What another budget would have stopped. */
export const byBudget = (run: PastRun, wanted: Wanted | undefined): Finding => {
  if (wanted === undefined) return nothingFound;
  const budget = budgetOf(wanted);
  const [first] = [...byMoneyOrTokens(run, budget), ...byTime(run, budget.wallMs)].toSorted(
    (left, right) => left.time - right.time,
  );
  const own = run.words.flatMap((word) => (isType(word, 'budget.exhausted') ? [word] : []));
  return {
    stops: first ? [first] : [],
    unknown: own
      .filter((word) => widened(word, budget))
      .map((word) =>
        unknownAt(
          settings[word.data.limit],
          run.runId,
          word,
          'Its own budget was exhausted here, and this one would not have been: what it would have spent more stands nowhere.',
        ),
      ),
  };
};
