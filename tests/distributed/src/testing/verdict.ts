import type { RecordedEvent } from '@partitura/shared/events';

/** What may not be in a log, whatever went away while it was written. Empty lists are good. */
export interface Verdict {
  readonly ended: readonly string[];
  readonly lost: readonly string[];
  readonly completedTwice: readonly string[];
  readonly failedAttempts: readonly string[];
  readonly parked: readonly string[];
  readonly answeredTwice: readonly string[];
  readonly mergedTwice: readonly string[];
}

export const flawless: Verdict = {
  ended: ['run.completed'],
  lost: [],
  completedTwice: [],
  failedAttempts: [],
  parked: [],
  answeredTwice: [],
  mergedTwice: [],
};

const ends = /^run\.(completed|failed|stopped|cancelled|paused)$/;
const failures =
  /^(task\.(attempt_failed|failed|dead_lettered|cancelled)|model\.failed|plan\.(failed|tasks_refused))$/;

const field = ({ data }: RecordedEvent, name: string): string => {
  const value: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
};

/** Of tasks: there is nothing to do for it. */
const isGroup = (event: RecordedEvent): boolean => field(event, 'definition').includes('"kind":"epic"');

const repeated = (names: readonly string[]): readonly string[] =>
  [...Map.groupBy(names, (name) => name)].flatMap(([name, all]) => (all.length > 1 ? [name] : []));

/** Of one run, by all that is recorded. */
export const verdictOf = (log: readonly RecordedEvent[], runId: string): Verdict => {
  const own = log.filter(({ stream }) => stream.includes(runId));
  const of = (type: string) => own.filter((event) => event.type === type);
  const completed = of('task.completed').map((event) => field(event, 'taskId'));
  const told = ({ stream, type, data }: RecordedEvent) => `${stream} ${type} ${JSON.stringify(data)}`;
  return {
    ended: own.flatMap(({ type }) => (ends.test(type) ? [type] : [])),
    lost: [...of('task.added').filter((event) => !isGroup(event)), ...of('task.scheduled')]
      .map((event) => field(event, 'taskId'))
      .filter((task) => !completed.includes(task)),
    completedTwice: repeated(completed),
    failedAttempts: own.filter(({ type }) => failures.test(type)).map(told),
    parked: log.filter(({ type }) => type === 'processor.event_parked').map(told),
    answeredTwice: repeated(of('model.answered').map((event) => field(event, 'callId'))),
    mergedTwice: repeated(of('merge.completed').map((event) => field(event, 'attemptId'))),
  };
};

export const countOf = (log: readonly RecordedEvent[], wanted: string): number =>
  log.filter(({ type }) => type === wanted).length;
