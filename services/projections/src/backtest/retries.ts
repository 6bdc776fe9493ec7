import { isLastFailure } from '@partitura/shared/policies';
import { holderOf, isType, type PastRun, taskOf, timeOf, type Word, type WordOf } from './record.ts';
import { callsFrom, type Finding, nothingFound, type Policy, type Stop, unknownAt } from './stops.ts';

type Wanted = NonNullable<Policy['retries']>;

interface Ending {
  readonly completed: boolean;
  readonly at: number;
}

/** How each task ended, as far as the run came. */
const endingsOf = ({ words, endedAt }: PastRun): ((taskId: string) => Ending) => {
  const completed = new Map<string, number>();
  for (const word of words) if (isType(word, 'task.completed')) completed.set(word.data.taskId, timeOf(word));
  return (taskId) => {
    const at = completed.get(taskId);
    return { completed: at !== undefined, at: at ?? endedAt };
  };
};

/** The task and all that could not begin without it. */
const behind = ({ words, inherited }: PastRun, taskId: string): ReadonlySet<string> => {
  const runId = taskId.slice(0, taskId.indexOf('.'));
  const added = [...inherited, ...words].flatMap((word) => (isType(word, 'task.added') ? [word.data] : []));
  const found = new Set([taskId]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { taskId: id, definition } of added)
      if (definition.dependsOn.some((key) => found.has(`${runId}.${key}`))) found.add(id);
  }
  return found;
};

type Failed = WordOf<'task.failed'> | WordOf<'task.attempt_failed'>;

/** Failures that count, each with how many came before it since the task was last taken out of the dead letters. */
const failuresIn = ({
  words,
  inherited,
}: PastRun): readonly { readonly word: Failed; readonly before: number }[] => {
  const failures = new Map<string, number>();
  const counted = [...inherited, ...words].flatMap((word) => {
    if (isType(word, 'task.retried')) failures.set(word.data.taskId, 0);
    const counts = isType(word, 'task.failed') || (isType(word, 'task.attempt_failed') && word.data.counts);
    if (!counts) return [];
    const before = failures.get(word.data.taskId) ?? 0;
    failures.set(word.data.taskId, before + 1);
    return [{ word, before }];
  });
  const isOwn = new Set<Word>(words);
  return counted.filter(({ word }) => isOwn.has(word));
};

const byAttempts = (run: PastRun, maxAttempts: number): Finding => {
  const endingOf = endingsOf(run);
  const failures = failuresIn(run);
  const stopped = new Set<string>();
  const early = failures.filter(
    ({ word, before }) => word.type === 'task.attempt_failed' && isLastFailure(before, maxAttempts),
  );
  const stops = early.flatMap(({ word, before }): Stop[] => {
    const { taskId, problem } = word.data;
    if (stopped.has(taskId)) return [];
    const gone = behind(run, taskId);
    for (const id of gone) stopped.add(id);
    const ending = endingOf(taskId);
    return [
      {
        setting: 'retries.maxAttempts',
        action: 'dead_letter',
        subject: taskId,
        detail: `Its failure ${before + 1} would have been the last: ${problem.code}`,
        at: word,
        time: timeOf(word),
        spares: callsFrom(run, word.position, ({ holder }) => gone.has(taskOf(holder))),
        until: ending.at,
        wrongly: ending.completed,
        outcome: ending.completed ? 'The task was completed.' : 'The task was not completed.',
      },
    ];
  });
  const given = failures.filter(
    ({ word, before }) => word.type === 'task.failed' && !isLastFailure(before, maxAttempts),
  );
  const unknown = given.map(({ word, before }) => {
    const { taskId, problem } = word.data;
    const detail = `It would have been tried again after failure ${before + 1}: ${problem.code}`;
    return unknownAt('retries.maxAttempts', taskId, word, detail);
  });
  return { stops, unknown };
};

/** How an attempt ended, by its own stream. */
const finishOf = (run: PastRun, attemptId: string) => {
  const word = run.words.find((one) => one.type === 'agent.finished' && holderOf(one) === attemptId);
  const succeeded = word !== undefined && isType(word, 'agent.finished') && word.data.outcome === 'succeeded';
  return { word, succeeded, at: word ? timeOf(word) : run.endedAt };
};

const endOf = (
  run: PastRun,
  setting: string,
  attemptId: string,
  at: Word,
  time: number,
  detail: string,
): Stop => {
  const { succeeded, at: until } = finishOf(run, attemptId);
  return {
    setting,
    action: 'end_attempt',
    subject: attemptId,
    detail,
    at,
    time,
    spares: callsFrom(run, at.position, ({ holder }) => holder === attemptId),
    until,
    wrongly: succeeded,
    outcome: succeeded ? 'The attempt succeeded.' : 'The attempt did not succeed.',
  };
};

const byCycles = (run: PastRun, maxCycles: number): readonly Stop[] =>
  run.words.flatMap((word) =>
    isType(word, 'agent.step_entered') && word.data.step === 'reason' && word.data.cycle === maxCycles + 1
      ? [
          endOf(
            run,
            'retries.maxCycles',
            holderOf(word),
            word,
            timeOf(word),
            `It would not have gone back to reason after cycle ${maxCycles}.`,
          ),
        ]
      : [],
  );

const byTimeout = (run: PastRun, taskTimeoutMs: number): readonly Stop[] =>
  run.words.flatMap((word) => {
    if (!isType(word, 'task.scheduled')) return [];
    const { attemptId } = word.data;
    const deadline = timeOf(word) + taskTimeoutMs;
    if (finishOf(run, attemptId).at <= deadline) return [];
    const after = run.words.find((one) => holderOf(one) === attemptId && timeOf(one) >= deadline);
    const detail = `It was not done ${taskTimeoutMs} ms after it was asked for.`;
    return after ? [endOf(run, 'retries.taskTimeoutMs', attemptId, after, deadline, detail)] : [];
  });

/** What other limits on attempts would have stopped. */
export const byRetries = (run: PastRun, wanted: Wanted | undefined): Finding => {
  if (wanted === undefined) return nothingFound;
  const { maxAttempts, maxCycles, taskTimeoutMs } = wanted;
  const attempts = maxAttempts === undefined ? nothingFound : byAttempts(run, maxAttempts);
  return {
    stops: [
      ...attempts.stops,
      ...(maxCycles === undefined ? [] : byCycles(run, maxCycles)),
      ...(taskTimeoutMs === undefined ? [] : byTimeout(run, taskTimeoutMs)),
    ],
    unknown: attempts.unknown,
  };
};
