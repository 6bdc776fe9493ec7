import type { Readers } from '../queries/readers.ts';
import type { Asked } from './asked.ts';
import type { FactKind } from './facts/fact.ts';
import type { FactDocument, FactOf } from './facts/facts.ts';
import { phaseAt } from './facts/run-facts.ts';

/** Where a fact belongs, by whatever figures can be told apart by. */
interface Place {
  readonly organization: string | null;
  readonly project: string;
  readonly run: string | null;
  readonly phase: string | null;
  readonly agentType: string | null;
  readonly model: string | null;
  readonly workflow: string | null;
}

/** A fact, with what of its place stands in other facts. */
export interface Placed<Content extends FactDocument = FactDocument> extends Place {
  readonly fact: Content;
}

const plannersType = 'planner';

/** Of a kind, by their keys; null where there is none. */
const byKey = async <Kind extends FactKind>(
  readers: Pick<Readers, 'several'>,
  kind: Kind,
  keys: readonly (string | null)[],
): Promise<ReadonlyMap<string, FactOf<Kind>>> => {
  const ids = [...new Set(keys.flatMap((key) => (key === null ? [] : [`${kind}/${key}`])))];
  const found = await readers.several('facts', ids);
  // Ids name the kind.
  return new Map(
    found.flatMap((fact, at) =>
      fact ? [[(ids[at] ?? '').slice(kind.length + 1), fact as FactOf<Kind>] as const] : [],
    ),
  );
};

const attemptOf = (fact: FactDocument): string | null => (fact.kind === 'call' ? fact.agentId : null);
const taskOf = (fact: FactDocument): string | null => (fact.kind === 'attempt' ? fact.taskId : null);

/** What the facts of a page stand in. */
interface Surroundings {
  readonly runs: ReadonlyMap<string, FactOf<'run'>>;
  readonly attempts: ReadonlyMap<string, FactOf<'attempt'>>;
  readonly tasks: ReadonlyMap<string, FactOf<'task'>>;
}

type Within = (fact: FactDocument, around: Surroundings) => Partial<Place>;

const phaseFrom = ({ runs }: Surroundings, runId: string | null, position: string): string | null => {
  const run = runs.get(runId ?? '');
  return run ? phaseAt(run, position) : null;
};

const within: { readonly [Kind in FactKind]: (fact: FactOf<Kind>, around: Surroundings) => Partial<Place> } =
  {
    call: ({ agentId, model, runId, firstAt }, around) => ({
      phase: phaseFrom(around, runId, firstAt),
      agentType: agentId === null ? plannersType : (around.attempts.get(agentId)?.agentType ?? 'unknown'),
      model,
    }),
    attempt: ({ agentType, model, taskId }, { tasks }) => ({
      phase: tasks.get(taskId)?.phase ?? null,
      ...{ agentType, model },
    }),
    task: ({ phase, agentType }) => ({ phase, agentType }),
    run: () => ({}),
    gate: ({ runId, firstAt }, around) => ({ phase: phaseFrom(around, runId, firstAt) }),
    knowledge: () => ({}),
  };

const placeOf = (fact: FactDocument, around: Surroundings): Place => {
  const run = around.runs.get(fact.runId ?? '');
  // Each is asked for facts of its own kind.
  const place = (within[fact.kind] as Within)(fact, around);
  return {
    organization: fact.organizationId,
    project: fact.projectId,
    run: fact.runId,
    workflow: run?.workflow ?? null,
    phase: null,
    agentType: null,
    model: run?.model ?? null,
    ...place,
  };
};

/** Where each of a page belongs: one look for all their runs, attempts and tasks. */
export const placedFacts = async <Content extends FactDocument>(
  readers: Pick<Readers, 'several'>,
  facts: readonly Content[],
): Promise<readonly Placed<Content>[]> => {
  const runIds = facts.map(({ runId }) => runId);
  const [runs, attempts, tasks] = await Promise.all([
    byKey(readers, 'run', runIds),
    byKey(readers, 'attempt', facts.map(attemptOf)),
    byKey(readers, 'task', facts.map(taskOf)),
  ]);
  const around = { runs, attempts, tasks };
  return facts.map((fact) => ({ ...placeOf(fact, around), fact }));
};

const isWanted = (asked: Asked, placed: Placed): boolean =>
  placed.fact.own &&
  (['phase', 'agentType', 'model', 'workflow'] as const).every(
    (field) => asked[field] === undefined || asked[field] === placed[field],
  );

/** By the narrowest index that there is. */
const whereOf = ({ runId, projectId }: Asked, kind: FactKind) => {
  if (runId !== undefined) return { runId, kind };
  return projectId === undefined ? { kind } : { projectId, kind };
};

/** Every fact of a kind that a question is about, page by page, in the order in which they count. */
export async function* factsOf<Kind extends FactKind>(
  readers: Readers,
  asked: Asked,
  kind: Kind,
): AsyncGenerator<readonly Placed<FactOf<Kind>>[]> {
  const { since, until } = asked;
  const pages = readers.pages('facts', {
    where: whereOf(asked, kind),
    sort: { field: 'at', direction: 'ascending' },
    between: { ...(since === null ? {} : { from: since }), ...(until === null ? {} : { to: until }) },
  });
  for await (const page of pages) {
    // The end of the time is not in it.
    const facts = page.filter(
      (fact): fact is FactOf<Kind> => fact.kind === kind && (until === null || fact.at < until),
    );
    const placed = await placedFacts(readers, facts);
    yield placed.filter(
      (one) => isWanted(asked, one) && (asked.projectId === undefined || one.project === asked.projectId),
    );
  }
}
