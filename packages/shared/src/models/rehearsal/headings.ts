import type { Requirement } from '../../planning/plan-document.ts';
import { readPrd } from '../../prd/index.ts';

/** Headings that say what a list is and not what is built. */
const generic =
  /^(?:(?:core |key |main |user |system |product |technical |detailed |specific |other )*(?:functional |non[- ]?functional |quality )?(?:requirements?|features?|user stories|stories|capabilities|use cases|scope|goals?|overview|specification|description|details|must[- ]have|should[- ]have|could[- ]have|nice[- ]to[- ]have|general|introduction|summary|background|what it (?:does|must do)|mvp|acceptance criteria)(?: (?:and|&) (?:user stories|requirements|features))?)$/i;

/** For each requirement, the telling headings it stands under in the PRD, outermost first. */
export const headingsOf = (
  prd: string | null,
  requirements: readonly Requirement[],
): ReadonlyMap<string, readonly string[]> => {
  const byLine = new Map<number, readonly string[]>();
  for (const { line, headings } of prd === null || prd.trim() === '' ? [] : readPrd(prd).statements) {
    if (!byLine.has(line))
      byLine.set(
        line,
        headings.filter((heading) => !generic.test(heading.trim())),
      );
  }
  return new Map(requirements.map(({ id, line }) => [id, byLine.get(line) ?? []]));
};
