import type { Requirement } from '../../planning/plan-document.ts';
import { type PrdStatement, type ReadPrd, readPrd } from '../../prd/index.ts';
import type { RequirementsAnswer } from '../../prompts/answers.ts';
import type { Material } from './material.ts';
import { short } from './naming.ts';
import { questionsAbout } from './questions.ts';

/** More than this nobody plans one by one: siblings under a heading are then one requirement. */
const most = 60;

export const requirementsAnswerFor = ({ prd }: Material): RequirementsAnswer => {
  const read = readPrd(prd === null || prd.trim() === '' ? 'Untitled' : prd);
  const requirements = requirementsOf(read);
  return { requirements, questions: questionsAbout(read, requirements) };
};

export const requirementsOf = (read: ReadPrd): Requirement[] => {
  const distinct = withoutRepeats(read.statements);
  const kept = distinct.length > most ? merged(distinct) : distinct;
  return kept.map(({ text, line, sourceId, kind, priority }, index) => ({
    id: `R${index + 1}`,
    sourceId,
    text,
    line,
    kind,
    priority,
  }));
};

const withoutRepeats = (statements: readonly PrdStatement[]): PrdStatement[] => {
  const seen = new Set<string>();
  return statements.filter(({ text }) => {
    const key = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

/** Statements that stand together, of one kind, under headings no deeper than `depth`. */
const groupsAt = (statements: readonly PrdStatement[], depth: number): PrdStatement[][] => {
  const groups: { key: string; members: PrdStatement[] }[] = [];
  for (const statement of statements) {
    const key = [statement.kind, ...statement.headings.slice(0, depth)].join('\u0000');
    const last = groups.at(-1);
    if (last?.key === key) last.members.push(statement);
    else groups.push({ key, members: [statement] });
  }
  return groups.map(({ members }) => members);
};

const merged = (statements: readonly PrdStatement[]): PrdStatement[] => {
  const depths = [8, 4, 3, 2, 1, 0];
  const groups = depths.map((depth) => groupsAt(statements, depth)).find((one) => one.length <= most) ?? [];
  const all = groups.length === 0 ? chunks([...statements], most) : groups;
  const room = most - all.length;
  const spare = statements.length - all.length;
  // Each group keeps as many requirements as its share of the room: large groups are merged more, none disappears.
  return all.flatMap((members) => {
    const share = spare === 0 ? 0 : Math.floor(((members.length - 1) * room) / spare);
    return chunks(members, Math.min(members.length, 1 + share)).map(together);
  });
};

/** `count` pieces of almost the same size, in order. */
export const chunks = <T>(items: readonly T[], count: number): T[][] => {
  const pieces: T[][] = [];
  for (let index = 0; index < count; index += 1) {
    const piece = items.slice(
      Math.floor((index * items.length) / count),
      Math.floor(((index + 1) * items.length) / count),
    );
    if (piece.length > 0) pieces.push(piece);
  }
  return pieces;
};

const rank = { must: 0, should: 1, could: 2 } as const;

const together = (members: readonly PrdStatement[]): PrdStatement => {
  const [first] = members;
  if (first === undefined) throw new RangeError('Nothing to put together.');
  if (members.length === 1) return first;
  const heading = first.headings.at(-1);
  const own = [...new Set(members.flatMap(({ sourceId }) => sourceId ?? []))];
  const said = members.map(({ text, sourceId }) =>
    sourceId === null || own.length < 2 ? text : `${sourceId} ${text}`,
  );
  return {
    ...first,
    text: `${heading === undefined ? '' : `${heading}: `}${said.map((text) => short(text, 240).replace(/[.;]$/, '')).join('; ')}`,
    sourceId: own.length === 0 ? null : own.join(', '),
    priority:
      members.map(({ priority }) => priority).sort((left, right) => rank[left] - rank[right])[0] ?? 'must',
  };
};
