import type { Finding } from '../../events/values.ts';
import type {
  ApproachAnswer,
  CriteriaAnswer,
  ReflectionAnswer,
  ReviewAnswer,
} from '../../prompts/answers.ts';
import { type Assignment, assignmentOf } from './assignment.ts';
import { conventionsOf } from './conventions.ts';
import type { Material } from './material.ts';
import { enumeration, short } from './naming.ts';
import { writingFor } from './writing.ts';

const none: Assignment = { kind: 'reading' };

const pathsFor = (material: Material): string[] => {
  const assignment = material.task === null ? none : assignmentOf(material.task);
  const conventions = conventionsOf(material.files, '{}');
  if (conventions === null) return [];
  return writingFor(assignment, material, conventions, false).files.map(({ path }) => path);
};

export const approachAnswerFor = (material: Material): ApproachAnswer => {
  const title = material.task?.title ?? 'The task';
  const files = pathsFor(material);
  const failed = material.checks.filter(({ outcome }) => outcome === 'failed');
  const again = failed.length > 0 || material.learnings.trim() !== '';
  const steps = [
    ...(again ? [`See what went wrong before: ${short(failed[0]?.name ?? material.learnings, 160)}`] : []),
    ...(material.files.length > 0 ? [`Keep to what is there (${material.files.length} files).`] : []),
    ...material.requirements.slice(0, 8).map(({ id, text }) => `${id}: ${short(text, 140)}`),
    files.length > 0 ? `Write ${enumeration(files)}.` : 'Read what there is and judge it.',
    'Have the tests show that it works.',
  ];
  return {
    summary: again
      ? `Repair “${short(title, 140)}” where the checks found it wrong.`
      : `${short(title, 160)}: small modules, each with its test.`,
    steps,
    files,
  };
};

export const reflectionAnswerFor = (material: Material): ReflectionAnswer => {
  const { task } = material;
  const assignment = task === null ? none : assignmentOf(task);
  const changed = changedFiles(material.diff);
  const repaired = material.learnings.trim() !== '';
  const ran = material.checks.length > 0;
  return {
    summary: `${short(task?.title ?? 'The task', 140)}: ${changed.length === 0 ? 'nothing in the repository changed' : `${changed.length} files changed`}. Rehearsed, so structure and tests are real and the product is a skeleton.`,
    learnings: [
      ...(repaired
        ? ['Run the tests before handing over: a defect went to verify that they would have shown at once.']
        : []),
      ...learningsOf(assignment),
    ],
    decisions: decisionsOf(assignment),
    nextImprovement:
      ran || changed.length > 0
        ? 'Replace the skeleton by the full behaviour, beginning with the requirement that matters most.'
        : null,
  };
};

const learningsOf = (assignment: Assignment): string[] => {
  switch (assignment.kind) {
    case 'scaffold':
      return [
        'All tests run in one process from one command; a new test file beside the others is found by itself.',
      ];
    case 'entity':
      return [
        `Records of “${short(assignment.entity, 60)}” come from ${assignment.module}; they are frozen, so change one by making a new one.`,
      ];
    case 'module':
      return [`${assignment.module} takes time and chance as arguments, which keeps its tests exact.`];
    case 'whole':
      return [
        'Each module exports what of the PRD it serves, so a requirement that nobody serves shows up in a test.',
      ];
    case 'documents':
      return ['docs/requirements.md is the way from a line of the PRD to the code.'];
    case 'conflict':
      return [
        'Both sides of the conflict added to the same place; new files of their own would not have met.',
      ];
    case 'reading':
      return [];
  }
};

const decisionsOf = (assignment: Assignment): ReflectionAnswer['decisions'] => {
  switch (assignment.kind) {
    case 'scaffold':
      return [
        {
          title: 'No dependencies',
          reason:
            'The language’s own test runner is enough, and there is nothing to install or to keep current.',
        },
      ];
    case 'entity':
      return [
        {
          title: `Keep ${short(assignment.entity, 60)} records in memory behind a store`,
          reason: 'A database can take the store’s place without its callers knowing.',
        },
      ];
    case 'module':
      return [
        {
          title: `One exported function per requirement in ${assignment.module}`,
          reason: 'A line of the PRD then leads to one function and one test.',
        },
      ];
    default:
      return [];
  }
};

/** Met is what the checks bear out: none ran, none met, unless the task left nothing to check but files that are there. */
export const criteriaAnswerFor = (material: Material): CriteriaAnswer => {
  const { task, checks, criteria } = material;
  const asked = criteria.length > 0 ? criteria : (task?.acceptanceCriteria ?? []);
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  const passed = checks.filter(({ outcome }) => outcome === 'passed');
  const changed = changedFiles(material.diff);
  // A diff alone cannot tell what is missing: a file that is there already, word for word, is in no diff.
  const present = new Set([...changed, ...material.files]);
  const missing =
    material.files.length === 0
      ? []
      : pathsFor(material).filter((path) => ownPlace(path) && !present.has(path));
  const met = failed.length === 0 && missing.length === 0 && (passed.length > 0 || changed.length > 0);
  const evidence = evidenceFor({
    failed: failed.map(({ name }) => name),
    passed: passed.map(({ name, command }) => command || name),
    missing,
    changed,
  });
  return { criteria: asked.map((criterion) => ({ criterion, met, evidence })) };
};

const ownPlace = (path: string): boolean => /^(?:src|test|tests|docs|skeleton)\//.test(path);

const evidenceFor = (seen: {
  readonly failed: readonly string[];
  readonly passed: readonly string[];
  readonly missing: readonly string[];
  readonly changed: readonly string[];
}): string => {
  if (seen.failed.length > 0) return `Failed: ${enumeration(seen.failed)}.`;
  if (seen.missing.length > 0) return `Not there: ${enumeration(seen.missing)}.`;
  const files = seen.changed.length === 0 ? '' : ` Changed: ${enumeration(seen.changed.slice(0, 4))}.`;
  if (seen.passed.length > 0) return `Passed: ${enumeration(seen.passed)}.${files}`;
  return seen.changed.length > 0 ? `No check ran.${files}` : 'No check ran and nothing changed.';
};

/** Paths that a unified diff writes to. */
const changedFiles = (diff: string): string[] => [
  ...new Set(
    [...diff.matchAll(/^\+\+\+ (?:b\/)?([^\t\n]+)/gm)].flatMap((match) =>
      match[1] === '/dev/null' ? [] : (match[1] ?? []),
    ),
  ),
];

const mostFindings = 3;

/** Approves, with at most a few small things that the diff itself shows. */
export const reviewAnswerFor = ({ diff, requirements }: Material): ReviewAnswer => {
  const findings = findingsIn(diff).slice(0, mostFindings);
  const files = changedFiles(diff);
  const small = findings.length === 1 ? 'one small thing' : `${findings.length} small things`;
  return {
    verdict: 'approve',
    summary: `Rehearsed review of ${files.length} files against ${requirements.length} requirements: ${findings.length === 0 ? 'nothing to object to' : `${small} to tidy up`}. It read the change, it did not judge the product.`,
    findings,
  };
};

const findingsIn = (diff: string): Finding[] =>
  addedLines(diff).flatMap(({ file, line, text }): Finding[] => {
    const found = smallThing(text, file);
    return found === null ? [] : [{ severity: 'low', ...found, file, line }];
  });

interface AddedLine {
  readonly file: string | null;
  /** 1-based, in the file as it is after the change. */
  readonly line: number;
  readonly text: string;
}

const addedLines = (diff: string): AddedLine[] => {
  const added: AddedLine[] = [];
  let file: string | null = null;
  let line = 1;
  for (const row of diff.split('\n')) {
    if (row.startsWith('+++ ')) file = row.slice(4).replace(/^b\//, '').trim();
    else if (row.startsWith('@@')) line = Math.max(1, Number(/\+(\d+)/.exec(row)?.[1] ?? 1));
    else if (!row.startsWith('-')) {
      if (row.startsWith('+')) added.push({ file, line, text: row.slice(1) });
      line += 1;
    }
  }
  return added;
};

const smallThing = (row: string, file: string | null): { title: string; advice: string } | null => {
  if (/\b(?:TODO|FIXME|XXX)\b/.test(row) && /\.(?:m?js|py|ts)$/.test(file ?? '')) {
    return { title: 'Something is left to do', advice: 'Do it, or make it an issue.' };
  }
  if (row.length > 400 && /^src\/.*\.m?js$/.test(file ?? '')) {
    return { title: 'A line is very long', advice: 'Break it up, so that a change to it can be read.' };
  }
  return /\bconsole\.log\(/.test(row)
    ? { title: 'Output meant for debugging', advice: 'Remove it, or use the log.' }
    : null;
};
