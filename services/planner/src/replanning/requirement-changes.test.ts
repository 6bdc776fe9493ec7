import { describe, expect, it } from '@jest/globals';
import type { Requirement } from '@partitura/shared/planning';
import fc from 'fast-check';
import { changesBetween, keepIds } from './requirement-changes.ts';

const requirement = (id: string, text: string, sourceId: string | null = null): Requirement => ({
  id,
  sourceId,
  text,
  line: Number(id.slice(1)),
  kind: 'functional',
  priority: 'must',
});

const before = [
  requirement('R1', 'A note is written.'),
  requirement('R2', 'A note is found again by its words.'),
  requirement('R3', 'Whoever writes must sign in.', 'FR-3'),
];
const compare = (...after: readonly Requirement[]) => {
  const { requirements, questions } = keepIds(before, {
    requirements: [...after],
    questions: [{ id: 'Q1', text: 'Which?', assumption: '', requirementIds: after.map(({ id }) => id) }],
  });
  return {
    ids: requirements.map(({ id }) => id),
    asked: questions[0]?.requirementIds,
    ...changesBetween(before, requirements),
  };
};

describe('the requirements of an edited PRD', () => {
  it('keep their ids when others come before them, and another order is no change', () => {
    const answer = compare(
      requirement('R1', 'Everything is exported as CSV.'),
      requirement('R2', 'whoever writes must sign in'),
      requirement('R3', 'A note is written.'),
      requirement('R4', 'A note is found again by its words.'),
    );
    expect(answer).toEqual({
      ids: ['R4', 'R3', 'R1', 'R2'],
      asked: ['R4', 'R3', 'R1', 'R2'],
      added: ['R4'],
      changed: [],
      removed: [],
    });
  });

  it('are changed when the PRD’s own id, or most of the words, are the same', () => {
    const answer = compare(
      requirement('R1', 'A note is found again by its words and by its date.'),
      requirement('R2', 'Nobody has to sign in.', 'FR-3'),
    );
    expect(answer).toMatchObject({ ids: ['R2', 'R3'], added: [], changed: ['R2', 'R3'], removed: ['R1'] });
  });

  it('never give an id to two of them, nor one that something else had', () => {
    const texts = fc.array(fc.constantFrom('a b c', 'a b d', 'x y', 'A note is written.', 'z', 'q r s t'), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(texts, texts, (first, second) => {
        const list = (all: readonly string[]) => all.map((text, at) => requirement(`R${at + 1}`, text));
        const old = list(first);
        const { requirements } = keepIds(old, { requirements: list(second), questions: [] });
        expect(new Set(requirements.map(({ id }) => id)).size).toBe(second.length);
        const { added, changed, removed } = changesBetween(old, requirements);
        const known = new Set(old.map(({ id }) => id));
        expect(added.some((id) => known.has(id))).toBe(false);
        expect([...changed, ...removed].every((id) => known.has(id))).toBe(true);
        expect(old.length - removed.length + added.length).toBe(second.length);
      }),
    );
  });
});
