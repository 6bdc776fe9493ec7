import type { EventStore } from '@partitura/shared/event-store';
import { type RunEvent, recordedIn, streamName, tokensOf } from '@partitura/shared/events';
import { originOf, readWithPast } from '@partitura/shared/forking';
import type { OperationHandlers, RunResource } from '@partitura/shared/http';
import { oldestFirst } from '../queries/asking.ts';
import type { Readers } from '../queries/readers.ts';
import { presentRun } from '../runs/present-run.ts';
import type { RunDocument } from '../runs/runs.ts';
import type { TaskDocument } from '../tasks/task-document.ts';
import { presentUsage } from '../usage/usage.ts';
import { alignTasks, type Pair } from './alignment.ts';
import { compareDecisions, type Decision, decisionsOf, type RunWords, withoutRun } from './decisions.ts';
import type { ComparedTask, ComparedTasks, Comparison } from './resource.ts';

/** One of the two, with all that is compared. */
interface Side {
  readonly run: RunDocument;
  readonly shown: RunResource;
  readonly tasks: readonly TaskDocument[];
  readonly words: RunWords;
}

const mostDifferences = 500;

const wordsOf = async (store: EventStore, runId: string): Promise<RunWords> => {
  const pages = await Array.fromAsync(readWithPast(store, streamName('run', runId)));
  return recordedIn('run', pages.flat());
};

const sideOf = async (readers: Readers, store: EventStore, runId: string): Promise<Side> => {
  const run = await readers.one('runs', runId);
  const pages = await Array.fromAsync(
    readers.pages('tasks', { where: { runId }, sort: oldestFirst('addedAt') }),
  );
  return {
    run,
    shown: presentRun(run, null),
    tasks: pages.flat().filter(({ children }) => children === null),
    words: await wordsOf(store, runId),
  };
};

/** Where a run's past begins: the run that it, or the one it comes from, was first forked from. */
const rootOf = async (store: EventStore, runId: string): Promise<string> => {
  const origin = await originOf(store, runId);
  return origin === null ? runId : rootOf(store, origin.parentRunId);
};

/** Up to where a run, or one that it comes from, has its past from another; null when it has none from there. */
const inheritedUntil = async (store: EventStore, runId: string, from: string): Promise<string | null> => {
  const origin = await originOf(store, runId);
  if (origin === null) return null;
  return origin.parentRunId === from ? origin.at : inheritedUntil(store, origin.parentRunId, from);
};

/** A yes to one run is none to its forks: what nobody inherits is no difference of what came after. */
const comparable = async (store: EventStore, side: Side, other: Side): Promise<readonly Decision[]> => {
  const until = await inheritedUntil(store, other.run.id, side.run.id);
  return decisionsOf(side.words).filter(
    ({ kind, event }) => kind !== 'approval' || until === null || event.position > until,
  );
};

const relationOf = async (
  store: EventStore,
  a: RunDocument,
  b: RunDocument,
): Promise<Comparison['relation']> => {
  if (a.id === b.id) return 'same_run';
  if ((await rootOf(store, a.id)) === (await rootOf(store, b.id))) return 'forks';
  return a.projectId === b.projectId ? 'same_project' : 'unrelated';
};

const spanOf = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));

type Gate = Extract<RunEvent, { type: 'gate.evaluated' }>['data'];

const gatesIn = (words: RunWords): readonly Gate[] =>
  words.flatMap((event) => (event.type === 'gate.evaluated' ? [event.data] : []));

const presentSide = ({ run, shown, words }: Side): Comparison['a'] => {
  const gates = gatesIn(words);
  const how = (verdict: Gate['verdict']): number => gates.filter((gate) => gate.verdict === verdict).length;
  return {
    runId: run.id,
    projectId: run.projectId,
    status: run.status,
    statusDetail: run.statusDetail,
    workflow: run.workflow,
    model: run.model,
    rehearsal: run.rehearsal,
    forkedFrom: run.forkedFrom,
    commit: run.commit,
    tasks: shown.tasks.total,
    completed: shown.tasks.completed,
    deadLettered: shown.tasks.deadLettered,
    requirements: shown.requirements,
    requirementsMet: shown.requirementsMet,
    usage: shown.usage,
    tokens: tokensOf(run.usage),
    durationMs: spanOf(run.startedAt, run.endedAt),
    gates: { passed: how('passed'), failed: how('failed'), warned: how('warned') },
  };
};

const presentTask = (task: TaskDocument, words: RunWords): ComparedTask => {
  const models = words.flatMap((event) =>
    event.type === 'task.scheduled' && event.data.taskId === task.id ? [event.data.model] : [],
  );
  const gates = gatesIn(words).filter(({ subject }) => subject === task.id);
  return {
    taskId: task.id,
    title: task.title,
    status: task.status,
    attempts: task.attempts,
    models: [...new Set(models)],
    tokens: tokensOf(task.usage),
    costUsd: presentUsage(task.usage).costUsd,
    durationMs: spanOf(task.startedAt, task.completedAt),
    gates: gates.map(({ gate, verdict }) => ({ gate, verdict })),
    problem: task.error?.code ?? null,
  };
};

/** Time and cost always differ a little, and stand there to be read. */
const compared = ['status', 'attempts', 'models', 'gates', 'problem'] as const;

const differing = (a: ComparedTask | null, b: ComparedTask | null): string[] =>
  a === null || b === null
    ? []
    : compared.filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));

const presentPair = ({ by, a, b }: Pair, first: RunWords, second: RunWords): ComparedTasks => {
  const [left, right] = [a && presentTask(a, first), b && presentTask(b, second)];
  return { alignedBy: by, key: a?.key ?? b?.key ?? '', a: left, b: right, differs: differing(left, right) };
};

/** What subjects of the second run are called in the first: by the tasks that are the same. */
const renaming = (pairs: readonly Pair[]): ((subject: string) => string) => {
  const renamed = new Map(
    pairs.flatMap(({ a, b }) =>
      b === null ? [] : [[withoutRun(b.id), a ? withoutRun(a.id) : `${b.key}′`] as const],
    ),
  );
  return (subject) => subject.replace(/\w+(?=$|\.a\d+\b| \(\d+\)$)/, (key) => renamed.get(key) ?? key);
};

/** Two runs by task and by decision. What both inherited is the same, and not read twice as work. */
export const comparingHandlers = (
  readers: Readers,
  store: EventStore,
): Pick<OperationHandlers, 'compareRuns'> => ({
  compareRuns: async ({ params: { id, other }, query }) => {
    await readers.upTo(query.after);
    const a = await sideOf(readers, store, id);
    const b = await sideOf(readers, store, other);
    const relation = await relationOf(store, a.run, b.run);
    const sharePast = relation === 'forks' || relation === 'same_run';
    const pairs = alignTasks(a.tasks, b.tasks, sharePast);
    const [left, right] = [presentSide(a), presentSide(b)];
    const { same, differences } = compareDecisions(
      await comparable(store, a, b),
      await comparable(store, b, a),
      renaming(pairs),
    );
    return {
      a: left,
      b: right,
      relation,
      difference: {
        costUsd: right.usage.costUsd - left.usage.costUsd,
        tokens: right.tokens - left.tokens,
        durationMs:
          left.durationMs === null || right.durationMs === null ? null : right.durationMs - left.durationMs,
      },
      tasks: pairs.map((pair) => presentPair(pair, a.words, b.words)),
      parting: differences[0] ?? null,
      decisions: { same, different: differences.length, differences: differences.slice(0, mostDifferences) },
      position: a.run.position > b.run.position ? a.run.position : b.run.position,
    };
  },
});
