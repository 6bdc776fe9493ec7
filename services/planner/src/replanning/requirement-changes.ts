import type { Requirement } from '@partitura/shared/planning';
import type { RequirementsAnswer } from '@partitura/shared/prompts';

/** Ids of requirements. */
export interface RequirementChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const words = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const sentence = (text: string): string => words(text).join(' ');

/** From 0 to 1: the share of their words that two texts have in common. */
const likeness = (left: string, right: string): number => {
  const [first, second] = [new Set(words(left)), new Set(words(right))];
  const all = first.union(second).size;
  return all === 0 ? 0 : first.intersection(second).size / all;
};

/** Less than this alike, two sentences are one that was taken out and another that was put in. */
const sameSubject = 0.5;

type Pairing = Map<Requirement, Requirement>;

const pairBy = (
  before: readonly Requirement[],
  after: readonly Requirement[],
  pairs: Pairing,
  keyOf: (one: Requirement) => string | null,
): void => {
  const taken = new Set(pairs.values());
  const free = Map.groupBy(
    before.filter((one) => !taken.has(one)),
    keyOf,
  );
  for (const one of after) {
    const key = keyOf(one);
    const match = key === null || pairs.has(one) ? undefined : free.get(key)?.shift();
    if (match) pairs.set(one, match);
  }
};

const pairByLikeness = (
  before: readonly Requirement[],
  after: readonly Requirement[],
  pairs: Pairing,
): void => {
  const taken = new Set(pairs.values());
  const candidates = after
    .filter((one) => !pairs.has(one))
    .flatMap((one) =>
      before
        .filter((other) => !taken.has(other))
        .map((other) => ({ one, other, alike: likeness(one.text, other.text) })),
    )
    .filter(({ alike }) => alike >= sameSubject)
    .sort((left, right) => right.alike - left.alike);
  for (const { one, other } of candidates) {
    if (pairs.has(one) || taken.has(other)) continue;
    pairs.set(one, other);
    taken.add(other);
  }
};

/**
 * The requirements of an edited PRD under the ids of those before it: by their words, by the PRD's own id, by what most of their words
 * are about. What is new gets an id that nothing ever had, so that tasks and commits go on naming what they named.
 */
export const keepIds = (before: readonly Requirement[], answer: RequirementsAnswer): RequirementsAnswer => {
  const pairs: Pairing = new Map();
  pairBy(before, answer.requirements, pairs, ({ text }) => sentence(text));
  pairBy(before, answer.requirements, pairs, ({ sourceId }) => sourceId);
  pairByLikeness(before, answer.requirements, pairs);
  const last = Math.max(0, ...before.map(({ id }) => Number(id.slice(1))));
  const fresh = answer.requirements.filter((one) => !pairs.has(one));
  const ids = new Map(
    answer.requirements.map(
      (one) => [one.id, pairs.get(one)?.id ?? `R${last + 1 + fresh.indexOf(one)}`] as const,
    ),
  );
  const named = (id: string): string => ids.get(id) ?? id;
  return {
    requirements: answer.requirements.map((one) => ({ ...one, id: named(one.id) })),
    questions: answer.questions.map((one) => ({ ...one, requirementIds: one.requirementIds.map(named) })),
  };
};

/** Between two lists with the same ids. A line that moved, or another priority, is no other work. */
export const changesBetween = (
  before: readonly Requirement[],
  after: readonly Requirement[],
): RequirementChanges => {
  const known = new Map(before.map((one) => [one.id, sentence(one.text)]));
  const left = new Set(after.map(({ id }) => id));
  return {
    added: after.flatMap(({ id }) => (known.has(id) ? [] : [id])),
    changed: after.flatMap(({ id, text }) => (known.has(id) && known.get(id) !== sentence(text) ? [id] : [])),
    removed: before.flatMap(({ id }) => (left.has(id) ? [] : [id])),
  };
};
