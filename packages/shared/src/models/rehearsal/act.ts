import { sha256 } from '../../canonical/index.ts';
import type { TaskDefinition } from '../../planning/index.ts';
import type { ChatRequest, ContentPart } from '../port.ts';
import { type Assignment, assignmentOf } from './assignment.ts';
import { chance, type Seed } from './chance.ts';
import { conflictedFiles, hasMarkers, resolved } from './conflict.ts';
import { type Conventions, conventionsOf } from './conventions.ts';
import { argumentOf, type Exchange, exchangesSince, fileRead, offers } from './conversation.ts';
import type { Material } from './material.ts';
import { enumeration, short } from './naming.ts';
import { writingFor } from './writing.ts';
import type { Writing, WrittenFile } from './written.ts';

/** About one task in six goes wrong at first, as with any model; verify finds it, and the next cycle repairs it. */
const defectShare = 1 / 6;

/** What an agent sees when it is its turn: the material, and what it has done so far. */
interface Turn {
  readonly request: ChatRequest;
  readonly material: Material;
  readonly task: TaskDefinition;
  readonly assignment: Assignment;
  readonly seed: Seed;
  readonly exchanges: readonly Exchange[];
}

/** The next answer of the act step: tools to use, or the text that ends it. Depends on nothing but the request and the seed. */
export const actAnswer = (request: ChatRequest, material: Material, seed: Seed): ContentPart[] => {
  const { task } = material;
  if (task === null) return [text('There is no task in what I was given, so there is nothing to do.')];
  const assignment = assignmentOf(task);
  const turn: Turn = {
    request,
    material,
    task,
    assignment,
    seed,
    exchanges: exchangesSince(request.messages),
  };
  switch (assignment.kind) {
    case 'conflict':
      return settle(turn);
    case 'reading':
      return look(turn);
    default:
      return offers(request, 'write_file') ? work(turn) : [text(withoutTools(turn))];
  }
};

/**
 * A defect is only ever written by the first cycle of a task that nothing is known to have gone wrong with yet, and only
 * where commands are to be had: what nobody can check must not be wrong on purpose.
 */
const isBroken = ({ request, material, assignment, seed, task }: Turn): boolean => {
  if (assignment.kind !== 'entity' && assignment.kind !== 'module') return false;
  const known =
    material.files.some((file) => file.includes(`${assignment.module}.`)) || material.learnings.trim() !== '';
  if (known || material.checks.some(({ outcome }) => outcome === 'failed') || !offers(request, 'run_command'))
    return false;
  return chance(seed, 'defect', task.title, task.description) < defectShare;
};

const work = (turn: Turn): ContentPart[] => {
  const { request, material, assignment, exchanges } = turn;
  const manifest = fileRead(exchanges, 'package.json');
  const conventions = conventionsOf(material.files, manifest ?? (wasRead(exchanges) ? '{}' : null));
  if (conventions === null && offers(request, 'read_file')) {
    return calls(turn, 'I look at how this repository runs its tests first.', [
      ['read_file', { path: 'package.json' }],
    ]);
  }
  const settled: Conventions = conventions ?? {
    language: 'javascript',
    extension: 'mjs',
    suffix: 'check',
    ownManifest: false,
  };
  const broken = isBroken(turn);
  const writing = writingFor(assignment, material, settled, broken);
  const rounds = exchanges.filter(({ call }) => call.tool === 'write_file').length;
  if (writing.files.length === 0) return [text(report(turn, writing))];
  if (rounds === 0) return write(turn, writing, settled, broken);
  const unchecked = broken && rounds <= writing.files.length && lastCommandFailed(exchanges);
  return unchecked
    ? rewrite(turn, writingFor(assignment, material, settled, false))
    : [text(report(turn, writing))];
};

const write = (turn: Turn, writing: Writing, conventions: Conventions, broken: boolean): ContentPart[] => {
  const { request, material, task } = turn;
  // Who makes the mistake is in a hurry and only looks at the syntax: with the tests run, verify would have nothing to find.
  const command = broken ? syntaxCheck(writing, conventions) : writing.testCommand;
  const repairs = material.checks.some(({ outcome }) => outcome === 'failed');
  const opening = repairs
    ? 'The checks found my mistake; I write it again, with the test as it was.'
    : `I write ${enumeration(writing.files.map(({ path }) => path))}.`;
  return calls(turn, `${short(task.title, 120)}: ${opening}`, [
    ...besides(turn),
    ...writing.files.map(fileUse),
    ...(command === null || !offers(request, 'run_command') ? [] : [['run_command', { command }] as Use]),
  ]);
};

const rewrite = (turn: Turn, writing: Writing): ContentPart[] =>
  calls(
    turn,
    'No command runs here, so nobody would notice a mistake: I read my code again, and put one right.',
    writing.files.map(fileUse),
  );

const fileUse = ({ path, content }: WrittenFile): Use => ['write_file', { path, content }];

const syntaxCheck = (writing: Writing, conventions: Conventions): string | null => {
  const source = writing.files[0]?.path;
  if (source === undefined) return null;
  return conventions.language === 'python'
    ? `python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' ${source}`
    : `node --check ${source}`;
};

const lastCommandFailed = (exchanges: readonly Exchange[]): boolean =>
  exchanges.findLast(({ call }) => call.tool === 'run_command')?.result?.failed !== false;

const wasRead = (exchanges: readonly Exchange[]): boolean =>
  exchanges.some(({ call }) => call.tool === 'read_file');

/** What colleagues do beside writing: look for what is known, tell others. */
const besides = ({ request, material, task, seed, assignment }: Turn): Use[] => {
  const uses: Use[] = [];
  if (offers(request, 'knowledge_search') && chance(seed, 'search', task.key, task.title) < 0.3) {
    uses.push(['knowledge_search', { query: short(task.title, 100) }]);
  }
  const [first] = material.requirements;
  const tells = assignment.kind === 'entity' || chance(seed, 'message', task.key, task.title) < 0.15;
  if (offers(request, 'send_message') && tells && first !== undefined && 'module' in assignment) {
    uses.push([
      'send_message',
      {
        to: 'all',
        text: `${task.key} puts ${short(first.text, 120)} into ${assignment.module}; import it from there.`,
      },
    ]);
  }
  return uses;
};

const report = ({ task, exchanges, material }: Turn, { files }: Writing): string => {
  const failed = exchanges.filter(
    ({ call, result }) => call.tool === 'write_file' && result?.failed === true,
  );
  const last = exchanges.findLast(({ call }) => call.tool === 'run_command');
  const tests =
    last !== undefined && !/--check|ast\.parse/.test(argumentOf(last, 'command') ?? '') ? last.result : null;
  const written =
    files.length === 0
      ? 'Nothing had to be written: all of it is there.'
      : `Wrote ${enumeration(files.map(({ path }) => path))}.`;
  const served = material.requirements.map(({ id }) => id);
  const sentences = [
    `${short(task.title, 120)} is done as far as a rehearsal goes.`,
    failed.length > 0
      ? `${failed.length} of ${files.length} files could not be written: ${short(failed[0]?.result?.content ?? '', 200)}`
      : written,
    served.length === 0 ? '' : `Serves ${enumeration(served)}.`,
    testsSaid(tests?.failed ?? null),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
};

const testsSaid = (failed: boolean | null): string => {
  if (failed === null) return 'The tests were not run here; verify runs them.';
  return failed ? 'The tests could not be run to a good end here; verify will tell.' : 'Its tests pass.';
};

/** Reads what the diff is about, then says so; the verdict is asked for apart. */
const look = (turn: Turn): ContentPart[] => {
  const { request, material, exchanges } = turn;
  if (exchanges.length === 0) {
    const sources = material.files
      .filter((file) => /^(?:README\.md|package\.json|src\/|docs\/requirements)/.test(file))
      .slice(0, 4);
    const uses: Use[] = sources.map((path) => ['read_file', { path }]);
    if (uses.length > 0 && offers(request, 'read_file'))
      return calls(turn, 'I read what was built, beginning with what says how it hangs together.', uses);
  }
  const read = exchanges.filter(({ result }) => result?.failed === false).length;
  return [
    text(
      `Read ${read} files and the change as a whole. ${material.files.length} files are in the repository, ${material.files.filter((file) => /(?:^|\/)tests?\//.test(file)).length} of them tests.`,
    ),
  ];
};

const settle = (turn: Turn): ContentPart[] => {
  const { request, material, exchanges } = turn;
  if (exchanges.some(({ call }) => call.tool === 'write_file'))
    return [text('Both sides are kept; no marker is left in what I wrote.')];
  const section = material.conflict ?? material.task?.description ?? '';
  const listed = conflictedFiles(section);
  const named = material.files
    .filter((file) => section.includes(file))
    .map((path) => ({ path, content: null }));
  const files = (listed.length > 0 ? listed : named).map(({ path, content }) => ({
    path,
    content: content ?? fileRead(exchanges, path),
  }));
  const known = files.flatMap(({ path, content }) => (content === null ? [] : [{ path, content }]));
  const unread = files.filter(
    ({ path, content }) =>
      content === null && !exchanges.some(({ call }) => JSON.stringify(call.arguments)?.includes(path)),
  );
  if (unread.length > 0 && offers(request, 'read_file')) {
    return calls(
      turn,
      'I read both sides of what conflicts.',
      unread.map(({ path }): Use => ['read_file', { path }]),
    );
  }
  const written = resolved(known.filter(({ content }) => hasMarkers(content)));
  if (written.length === 0 || !offers(request, 'write_file'))
    return [text('There is no conflict left to settle.')];
  return calls(
    turn,
    'Both sides add something of their own, so both stay.',
    written.map(({ path, content }): Use => ['write_file', { path, content }]),
  );
};

const withoutTools = ({ task, material }: Turn): string => {
  const served = material.requirements.map(({ id, text: said }) => `${id}: ${short(said, 200)}`);
  return [`${task.title}.`, 'I have no tools that write, so this is the work in words.', ...served].join(
    '\n',
  );
};

type Use = readonly [tool: string, input: Readonly<Record<string, unknown>>];

const text = (said: string): ContentPart => ({ kind: 'text', text: said });

/** Ids follow from what is asked and how far the talk is: the same conversation gets the same ids. */
const calls = ({ exchanges, task, material }: Turn, said: string, uses: readonly Use[]): ContentPart[] => [
  text(said),
  ...uses.map(([tool, input], index): ContentPart => {
    const id = sha256(
      [
        task.key,
        task.title,
        String(exchanges.length),
        String(index),
        tool,
        JSON.stringify(input),
        material.learnings,
      ].join('\u0000'),
    );
    return { kind: 'tool_call', id: `call_${id.slice(0, 20)}`, tool, arguments: input };
  }),
];
