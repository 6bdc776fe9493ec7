import { describe, expect, it } from '@jest/globals';
import type { Requirement } from '@partitura/shared/planning';
import fc from 'fast-check';
import { checkRequirements } from './check-requirements.ts';

const prd = [
  '# Link shortener',
  '',
  '- FR-1 A visitor shortens a long URL to a code of seven characters.',
  '- FR-2 Whoever opens the code is redirected to the long URL.',
  '',
  '## Quality',
  'A redirect takes less than twenty milliseconds, measured',
  'at the ninety-ninth percentile under load.',
].join('\n');

const requirement = (
  id: string,
  line: number,
  text: string,
  sourceId: string | null = null,
): Requirement => ({
  id,
  sourceId,
  text,
  line,
  kind: 'functional',
  priority: 'must',
});
const check = (requirements: Requirement[]) => checkRequirements({ requirements, questions: [] }, prd);
const lines = (requirements: Requirement[]) =>
  check(requirements).answer.requirements.map(({ line }) => line);

describe('checkRequirements', () => {
  it('leaves a line that is right, in other words too', () => {
    expect(
      lines([requirement('R1', 3, 'Visitors can shorten a long URL to a seven-character code')]),
    ).toEqual([3]);
  });

  it('puts a wrong line right', () => {
    expect(lines([requirement('R1', 1, 'A redirect takes less than twenty milliseconds')])).toEqual([7]);
    expect(lines([requirement('R1', 99, 'redirected to the long URL', 'FR-2')])).toEqual([4]);
  });

  it('reads what has no spaces between its words', () => {
    const answer = { requirements: [requirement('R1', 9, '短いリンクを作る')], questions: [] };
    expect(
      checkRequirements(answer, '# 概要\n\n- 利用者は短いリンクを作成する。').answer.requirements[0]?.line,
    ).toBe(3);
  });

  it('takes a list as one requirement', () => {
    const fields = ['id', 'owner', 'title', 'address', 'expiry', 'visits', 'created'];
    const text = ['## Link', ...fields.map((field) => `- ${field}: text`)].join('\n');
    const answer = { requirements: [requirement('R1', 1, `Link: ${fields.join(', ')}`)], questions: [] };
    expect(checkRequirements(answer, text).answer.requirements.map(({ line }) => line)).toEqual([1]);
  });

  it('reports what nobody asked for', () => {
    const { problems } = check([requirement('R1', 3, 'Users pay by credit card every month')]);
    expect(problems.map(({ code }) => code)).toEqual(['REQUIREMENT_NOT_IN_PRD']);
    expect(problems[0]?.message).toContain('line 3 of 8');
  });

  it('reports ids that are used twice and questions about nothing', () => {
    const twice = [
      requirement('R1', 3, 'shorten a long URL'),
      requirement('R1', 4, 'redirected to the long URL'),
    ];
    const questions = [{ id: 'Q1', text: 'How long?', assumption: 'For ever', requirementIds: ['R9'] }];
    const { problems } = checkRequirements({ requirements: twice, questions }, prd);
    expect(problems.map(({ code }) => code)).toEqual(['DUPLICATE_REQUIREMENT', 'UNKNOWN_REQUIREMENT']);
  });

  it('finds every line that is quoted, whatever line is named', () => {
    const word = fc.stringMatching(/^[a-z]{5,9}$/);
    const texts = fc.uniqueArray(fc.array(word, { minLength: 4, maxLength: 8 }), {
      minLength: 1,
      maxLength: 30,
      selector: (words) => words.join(' '),
    });
    fc.assert(
      fc.property(texts, fc.nat(), fc.integer({ min: 1, max: 60 }), (rows, which, named) => {
        const all = rows.map((words) => words.join(' '));
        const quoted = all[which % all.length] ?? '';
        const answer = { requirements: [requirement('R1', named, quoted)], questions: [] };
        const { answer: checked, problems } = checkRequirements(answer, all.join('\n'));
        expect(problems).toEqual([]);
        expect(checked.requirements[0]?.line).toBeLessThanOrEqual(all.length);
      }),
    );
  });
});
