import type { RunChange, TaskResource, TaskStatus } from '@partitura/shared/http';
import { isWork, taskKinds } from '@partitura/shared/planning';
import { asSentence, named, pairsOf } from './change.ts';

interface Word {
  readonly change: string;
  readonly says: (task: TaskResource) => string;
  /** Whether it is of one attempt: begun in it, or its outcome. */
  readonly ofAttempt?: boolean;
  readonly because?: (task: TaskResource) => string;
}

const waits: Word = { change: 'waiting', says: () => 'waits' };
const unblocked: Word = { change: 'unblocked', says: () => 'is blocked no longer' };
const begun: Word = { change: 'begun', says: () => 'was begun', ofAttempt: true };
const triedAgain: Word = { change: 'tried_again', says: () => 'was tried again', ofAttempt: true };
const because = (task: TaskResource): string => (task.error === null ? '' : `: ${task.error.message}`);

const words: Readonly<Record<TaskStatus, Word>> = {
  pending: waits,
  ready: { change: 'ready', says: () => 'can be begun' },
  scheduled: begun,
  running: begun,
  in_review: { change: 'submitted', says: () => 'was handed in', ofAttempt: true },
  completed: {
    change: 'completed',
    says: ({ commit }) => (commit === null ? 'was completed' : `was completed with ${commit.slice(0, 12)}`),
    ofAttempt: true,
  },
  failed: { change: 'failed', says: () => 'failed', ofAttempt: true, because },
  blocked: { change: 'blocked', says: () => 'is blocked by another task' },
  dead_letter: { change: 'dead_lettered', says: () => 'is in the dead letters', because },
  cancelled: { change: 'cancelled', says: () => 'was cancelled' },
};

const groups: ReadonlySet<string> = new Set(taskKinds.filter((kind) => !isWork({ kind })));

/** An epic or a story stands where its tasks do, and is not handed in by anybody. */
const wordOf = ({ kind, status }: TaskResource): Word =>
  groups.has(kind) && status === 'in_review' ? begun : words[status];

/** Where it can stand again after another attempt, and that is to be told as what it is. */
const outcomes: ReadonlySet<TaskStatus> = new Set(['in_review', 'completed', 'failed', 'dead_letter']);

const factsOf = ({ status, attempts, commit, agentId, dependsOn }: TaskResource) => ({
  status,
  attempts,
  agentId,
  commit,
  dependsOn,
});

/** What differs of two records of facts, of both; all where there was none before. */
const differing = (
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>>,
): Pick<RunChange, 'before' | 'after'> => {
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after[name]),
  );
  const of = (facts: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(names.map((name) => [name, facts[name]]));
  return { before: before && of(before), after: of(after) };
};

const sentence = (task: TaskResource, says: string): string =>
  asSentence(`${task.key} ${named(task.title)} ${says}`);

/** None of an epic or a story: it counts those of its tasks, and is not tried itself. */
const trialsOf = ({ kind, attempts }: TaskResource): number => (groups.has(kind) ? 0 : attempts);

const trials = (task: TaskResource, { ofAttempt = false }: Word): string => {
  const count = trialsOf(task);
  if (count < 2) return '';
  return ofAttempt ? `, in attempt ${count}` : `, after ${count} attempts`;
};

const spoken = (task: TaskResource, word: Word): string =>
  `${word.says(task)}${trials(task, word)}${word.because?.(task) ?? ''}`;

const added = (task: TaskResource): RunChange => ({
  subject: 'task',
  id: task.id,
  change: 'added',
  sentence: sentence(task, 'was added'),
  before: null,
  after: { kind: task.kind, phase: task.phase, dependsOn: task.dependsOn },
  position: task.position,
});

/** Waiting for its turn is how every task begins, and nothing to tell of a new one. */
const isNews = (was: TaskResource | null, { status }: TaskResource): boolean =>
  was === null ? status !== 'pending' && status !== 'ready' : was.status !== status;

const changedWord = (was: TaskResource | null, is: TaskResource): Word | null => {
  const word = wordOf(is);
  const wasBegun = was !== null && wordOf(was).change === 'begun';
  if (wasBegun && word.change === 'begun' && trialsOf(was) === trialsOf(is)) return null;
  if (isNews(was, is)) return was?.status === 'blocked' && is.status === 'pending' ? unblocked : word;
  if (was !== null && trialsOf(was) < trialsOf(is)) return outcomes.has(is.status) ? word : triedAgain;
  return null;
};

const rewired = (was: TaskResource | null, is: TaskResource): boolean =>
  was !== null && JSON.stringify(was.dependsOn) !== JSON.stringify(is.dependsOn);

export const taskChanges = (
  before: readonly TaskResource[],
  after: readonly TaskResource[],
): readonly RunChange[] =>
  pairsOf(before, after).flatMap(([was, is]) => {
    const word = changedWord(was, is);
    const change = (name: string, says: string): RunChange => ({
      subject: 'task',
      id: is.id,
      change: name,
      sentence: sentence(is, says),
      ...differing(was && factsOf(was), factsOf(is)),
      position: is.position,
    });
    return [
      ...(was === null ? [added(is)] : []),
      ...(word === null ? [] : [change(word.change, spoken(is, word))]),
      ...(rewired(was, is) ? [change('rewired', 'waits for other tasks than before')] : []),
    ];
  });
