import type { Problem } from '@partitura/shared/events';
import type { RequirementsAnswer } from '@partitura/shared/prompts';
import { locate, searchable } from './locate.ts';

export interface CheckedRequirements {
  /** The answer with every line put right that could be. */
  readonly answer: RequirementsAnswer;
  readonly problems: readonly Problem[];
}

/** Holds what a model says the PRD asks for against the PRD: nothing is built that nobody asked for. */
export const checkRequirements = (answer: RequirementsAnswer, prd: string): CheckedRequirements => {
  const text = searchable(prd);
  const problems: Problem[] = [...duplicates('R', answer.requirements), ...duplicates('Q', answer.questions)];
  const requirements = answer.requirements.map((requirement) => {
    const line = locate(requirement.text, requirement.sourceId, requirement.line, text);
    if (line !== null) return { ...requirement, line };
    problems.push({
      code: 'REQUIREMENT_NOT_IN_PRD',
      message: `${requirement.id} (“${shortened(requirement.text)}”) is said to be on line ${requirement.line} of ${text.lines.length}, and stands neither there nor elsewhere in the PRD.`,
    });
    return requirement;
  });
  const known = new Set(requirements.map(({ id }) => id));
  for (const { id, requirementIds } of answer.questions) {
    for (const unknown of requirementIds.filter((one) => !known.has(one))) {
      problems.push({
        code: 'UNKNOWN_REQUIREMENT',
        message: `${id} asks about ${unknown}, which is no requirement.`,
      });
    }
  }
  return { answer: { ...answer, requirements }, problems };
};

const shortened = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}…`);

const duplicates = (letter: string, entries: readonly { id: string }[]): Problem[] => {
  const ids = entries.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  return twice.map((id) => ({
    code: letter === 'R' ? 'DUPLICATE_REQUIREMENT' : 'DUPLICATE_QUESTION',
    message: `There are several ${id}: each needs an id of its own.`,
  }));
};
