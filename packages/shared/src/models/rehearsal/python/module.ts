import type { Requirement } from '../../../planning/plan-document.ts';
import type { Assignment } from '../assignment.ts';
import { safeInComment, wrapped } from '../javascript/comments.ts';
import type { Material } from '../material.ts';
import { onceEach, short, wordsOf } from '../naming.ts';
import type { Writing } from '../written.ts';
import { pythonTemplateFor } from './templates.ts';

type ModuleAssignment = Extract<Assignment, { module: string }>;

/** JSON is Python too, as long as it holds only text and numbers. */
const literal = (text: string): string => JSON.stringify(text.toWellFormed());

/** A module under `skeleton/` and a pytest file with a name of its own. */
export const pythonWriting = (assignment: ModuleAssignment, material: Material, broken: boolean): Writing => {
  const dotted = assignment.module.replaceAll('-', '_').split('/').map(safeIdentifier);
  const testPath = `tests/test_${dotted.join('_')}.py`;
  const testCommand = 'python3 -m pytest -q';
  if (assignment.kind === 'whole') {
    return {
      files: [{ path: testPath, content: wholeTest(material.requirements) }],
      testCommand,
      exported: [],
    };
  }
  const parts =
    assignment.kind === 'entity' ? [storePart(assignment.entity)] : partsFor(material.requirements);
  const codes = parts.map(({ code, defect }, index) =>
    broken && index === 0 ? code.replace(defect[0], () => defect[1]) : code,
  );
  const source = [
    docstring(material.task?.title ?? assignment.module),
    metadata(material.requirements),
    ...codes,
  ].join('\n\n\n');
  const imports = `from skeleton.${dotted.join('.')} import REQUIREMENTS${parts.map(({ name }) => `, ${name}`).join('')}`;
  const traced = `def test_says_what_it_serves():\n    assert all(one["line"] > 0 and one["text"] for one in REQUIREMENTS)`;
  const test = [
    'import pytest',
    imports,
    '',
    '',
    [...parts.map((part) => part.test), traced].join('\n\n\n'),
  ].join('\n');
  return {
    files: [
      { path: `skeleton/${dotted.join('/')}.py`, content: `${source}\n` },
      { path: testPath, content: `${test}\n` },
    ],
    testCommand,
    exported: parts.map(({ name }) => name),
  };
};

const keywords: ReadonlySet<string> = new Set(
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda none nonlocal not or pass raise return true false try while with yield match case type print list set dict id'.split(
    ' ',
  ),
);

const safeIdentifier = (name: string): string => {
  const safe = /^[0-9]/.test(name) ? `n${name}` : name;
  return keywords.has(safe) ? `${safe}_` : safe;
};

interface PythonPart {
  readonly name: string;
  readonly code: string;
  readonly test: string;
  readonly defect: readonly [from: string, to: string];
}

const partsFor = (requirements: readonly Requirement[]): PythonPart[] => {
  const unique = onceEach();
  return requirements.map((requirement) => {
    const words = wordsOf(requirement.text).slice(0, 5).join('_');
    const name = unique(safeIdentifier(words === '' ? `rule_${requirement.id.toLowerCase()}` : words));
    const doc = `${requirement.text} ${requirement.id}, line ${requirement.line} of the PRD.`;
    return { name, ...pythonTemplateFor(requirement)(name, indented(docstring(doc))) };
  });
};

const storePart = (entity: string): PythonPart => {
  const name = `${safeIdentifier(wordsOf(entity).join('_') || 'record')}_store`;
  return {
    name,
    ...pythonTemplateFor(null)(
      name,
      indented(docstring(`A store of records of the kind “${short(entity, 60)}”, in memory.`)),
    ),
  };
};

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '    ');

const docstring = (text: string): string => {
  const safe = safeInComment(text).replaceAll('\\', '\\\\').replaceAll('"', "'");
  return `"""${wrapped(safe, 90).join('\n')}\n"""`;
};

const metadata = (requirements: readonly Requirement[]): string => {
  const rows = requirements.map(
    ({ id, sourceId, line, text }) =>
      `    {"id": ${literal(id)}, "source": ${sourceId === null ? 'None' : literal(sourceId)}, "line": ${line}, "text": ${literal(text)}},\n`,
  );
  return `REQUIREMENTS = [\n${rows.join('')}]`;
};

const wholeTest = (requirements: readonly Requirement[]): string => `import importlib
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent


def modules():
    paths = sorted(path.relative_to(ROOT) for path in (ROOT / "skeleton").rglob("*.py"))
    names = [".".join(path.with_suffix("").parts) for path in paths if path.name != "__init__.py"]
    return [importlib.import_module(name) for name in names]


def test_every_requirement_is_served_by_a_module():
    served = {one["id"] for module in modules() for one in getattr(module, "REQUIREMENTS", [])}
    assert [one for one in [${requirements.map(({ id }) => literal(id)).join(', ')}] if one not in served] == []
`;
