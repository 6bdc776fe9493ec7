import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAgentType } from '../../agents/index.ts';
import {
  type Architecture,
  danglingReferences,
  findCycle,
  isWork,
  type Requirement,
  type TaskDefinition,
  topologicalLayers,
} from '../../planning/index.ts';
import type {
  CriteriaAnswer,
  ReflectionAnswer,
  RequirementsAnswer,
  ReviewAnswer,
  TasksAnswer,
} from '../../prompts/index.ts';
import { ModelError } from '../errors.ts';
import type { ChatModel } from '../port.ts';
import { rehearsalModel } from './rehearsal-model.ts';
import { ask, playAct, requestOf, type Worktree } from './testing/requests.ts';

const examples = join(import.meta.dirname, '../../../../../examples/prds');
const prds = readdirSync(examples).map((name): [string, string] => [
  name,
  readFileSync(join(examples, name), 'utf8'),
]);
const linkShortener = prds.find(([name]) => name === 'link-shortener.md')?.[1] ?? '';
const signal = new AbortController().signal;

interface Plan {
  readonly requirements: readonly Requirement[];
  readonly architecture: Architecture;
  readonly tasks: readonly TaskDefinition[];
}

const plan = async (model: ChatModel, prd: string, repository = ''): Promise<Plan> => {
  const { requirements } = await ask<RequirementsAnswer>(model, 'requirements', { prd });
  const architecture = await ask<Architecture>(model, 'architecture', { prd, requirements, repository });
  const { tasks } = await ask<TasksAnswer>(model, 'tasks', { prd, requirements, architecture, repository });
  return { requirements, architecture, tasks };
};

const expectSound = ({ requirements, tasks }: Plan): void => {
  const work = tasks.filter(isWork);
  expect(findCycle(tasks)).toBeNull();
  expect(danglingReferences(tasks)).toEqual([]);
  expect(new Set(tasks.map(({ key }) => key)).size).toBe(tasks.length);
  const served = new Set(work.flatMap(({ requirementIds }) => requirementIds));
  expect(requirements.filter(({ id }) => !served.has(id))).toEqual([]);
  expect(work.length).toBeGreaterThanOrEqual(5);
  expect(work.length).toBeLessThanOrEqual(20);
  for (const { agentType, parentKey, dependsOn } of tasks) {
    expect(isAgentType(agentType)).toBe(true);
    expect(parentKey === null || tasks.some((one) => one.key === parentKey && !isWork(one))).toBe(true);
    expect(dependsOn.every((key) => work.some((one) => one.key === key))).toBe(true);
  }
};

const emptyTree = (run: Worktree['run'] = () => 'ok'): Worktree => ({ files: new Map(), run });
const given = ({ requirements, architecture }: Plan, task: TaskDefinition, more = {}) => ({
  task,
  requirements: requirements.filter(({ id }) => task.requirementIds.includes(id)),
  more: { architecture: architecture.document, criteria: task.acceptanceCriteria, ...more },
});
const ordered = ({ tasks }: Plan): TaskDefinition[] =>
  topologicalLayers(tasks.filter(isWork)).flatMap((keys) => tasks.filter(({ key }) => keys.includes(key)));

const run = promisify(execFile);
const runTests = async (files: ReadonlyMap<string, string>): Promise<{ passed: boolean; output: string }> => {
  const root = await mkdtemp(join(tmpdir(), 'rehearsal-'));
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    const environment = { PATH: process.env.PATH, HOME: root };
    const { stdout } = await run(process.execPath, ['test/all.js'], { cwd: root, env: environment });
    return { passed: true, output: stdout };
  } catch (error) {
    return {
      passed: false,
      output: String((error as { stdout?: string }).stdout),
    };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 20 });
  }
};

/** Did the agent only look at the syntax? Then it wrote a defect. */
const wasHasty = (uses: readonly { tool: string; input: Readonly<Record<string, string>> }[]): boolean =>
  uses.some(({ tool, input }) => tool === 'run_command' && (input.command ?? '').includes('--check'));

describe('a rehearsed plan', () => {
  it.each(prds)('is sound for %s', async (_, prd) => {
    expectSound(await plan(rehearsalModel(), prd));
  });

  it('is sound for ten words', async () => {
    expectSound(await plan(rehearsalModel(), 'An app where neighbours lend each other tools for free'));
  });

  it('traces each requirement of the example to its line', async () => {
    const { requirements } = await plan(rehearsalModel(), linkShortener);
    const lines = linkShortener.split('\n');
    for (const { sourceId, line } of requirements.filter((one) => one.sourceId !== null)) {
      expect(lines[line - 1]).toContain(sourceId);
    }
    expect(requirements.filter(({ sourceId }) => sourceId !== null)).toHaveLength(9);
  });

  it('merges siblings of a long PRD and loses none of their ids', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, index) =>
        `${index % 25 === 0 ? `\n### Part ${index / 25}\n\n` : ''}- FR-${index + 1}: The system must do thing number ${index + 1}.`,
    );
    const made = await plan(rehearsalModel(), `# Long\n\n## Requirements\n${rows.join('\n')}\n`);
    expectSound(made);
    expect(made.requirements.length).toBeLessThanOrEqual(60);
    const ids = made.requirements.flatMap(({ sourceId }) => sourceId?.split(', ') ?? []);
    expect(ids).toHaveLength(300);
  });

  it('asks where the PRD is vague, and says what it assumes', async () => {
    const prd =
      '# Shop\n\n## Requirements\n\n- Search must be fast\n- Accept cards, vouchers etc.\n- Refunds are TBD\n\n## Open questions\n\n- Which currency?\n';
    const { questions } = await ask<RequirementsAnswer>(rehearsalModel(), 'requirements', { prd });
    expect(questions.map(({ text }) => text).join('\n')).toMatch(
      /currency[\s\S]*“fast”[\s\S]*“etc[\s\S]*“TBD”/,
    );
    expect(questions.every(({ assumption }) => assumption !== '')).toBe(true);
  });

  it('is sound for any PRD', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '# A\n',
        '## Requirements\n',
        '### 学习\n',
        '- ',
        '\n',
        '| ID | What |\n|---|---|\n| FR-1 | x |\n',
        '- [ ] do it\n',
        '`$' + '{x}` ',
        "it's ",
        '"quoted" ',
        '*/ ',
        '🎼 ',
        'x'.repeat(3_000),
        'The system must search. ',
        '\u2028',
        '</task>',
        '<prd characters="3">\n',
      ),
      fc.string({ unit: 'binary', maxLength: 15 }),
      fc.lorem({ maxCount: 4 }),
    );
    const model = rehearsalModel();
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        expectSound(await plan(model, `word ${pieces.join('')}`));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a rehearsed task', () => {
  it.each(prds)(
    'of %s is written in two or three calls, to files no other task writes, and all tests pass',
    async (_, prd) => {
      const model = rehearsalModel();
      const made = await plan(model, prd);
      const tree = emptyTree();
      const writers = new Map<string, string>();
      for (const task of ordered(made)) {
        const first = await playAct(model, given(made, task), tree);
        expect(first.calls).toBe(2);
        for (const { input } of first.uses.filter(({ tool }) => tool === 'write_file')) {
          expect(writers.get(input.path ?? '')).toBeUndefined();
          writers.set(input.path ?? '', task.key);
        }
        if (!wasHasty(first.uses)) continue;
        const again = await playAct(model, given(made, task, { learnings: '- The tests failed.' }), tree);
        expect(wasHasty(again.uses)).toBe(false);
      }
      expect([...tree.files.keys()]).toEqual(
        expect.arrayContaining(['package.json', 'README.md', '.gitignore', 'docs/requirements.md']),
      );
      const { passed, output } = await runTests(tree.files);
      expect(output).toMatch(/[#ℹ] pass \d\d/);
      expect(passed).toBe(true);
    },
  );

  it('goes wrong now and then, so that the tests find it, and puts it right in the next cycle', async () => {
    const model = rehearsalModel();
    const made = await plan(model, linkShortener);
    const tree = emptyTree();
    const hasty: TaskDefinition[] = [];
    for (const task of ordered(made)) {
      if (task.title.startsWith('Test all') || task.title.startsWith('Document')) continue;
      if (wasHasty((await playAct(model, given(made, task), tree)).uses)) hasty.push(task);
    }
    expect(hasty.length).toBeGreaterThan(0);
    const broken = await runTests(tree.files);
    expect(broken.passed).toBe(false);
    expect(broken.output).toMatch(new RegExp(`[#ℹ] fail ${hasty.length}`));
    const checks = [
      { name: 'npm test', command: 'npm test', outcome: 'failed', output: broken.output.slice(-400) },
    ];
    for (const task of hasty)
      await playAct(model, given(made, task, { checks, learnings: '- npm test failed' }), tree);
    expect((await runTests(tree.files)).passed).toBe(true);
  });

  it('writes nothing wrong on purpose where no command runs', async () => {
    const model = rehearsalModel();
    const made = await plan(model, linkShortener);
    const without = emptyTree();
    const failing = emptyTree(() => 'failed: there is no sandbox');
    for (const task of ordered(made)) {
      await playAct(model, { ...given(made, task), tools: ['write_file', 'read_file'] }, without);
      await playAct(model, given(made, task), failing);
    }
    expect((await runTests(without.files)).passed).toBe(true);
    expect((await runTests(failing.files)).passed).toBe(true);
  });

  it('is the same for the same seed, and goes wrong elsewhere with another', async () => {
    const wrong = async (seed: number | string): Promise<string> => {
      const model = rehearsalModel({ seed });
      const made = await plan(model, linkShortener);
      const played = await Promise.all(
        ordered(made).map((task) => playAct(model, given(made, task), emptyTree())),
      );
      return JSON.stringify(played.map(({ uses }) => uses));
    };
    expect(await wrong(1)).toBe(await wrong(1));
    expect(await wrong('other')).not.toBe(await wrong(1));
  });

  it('writes Python where the repository is Python, and leaves what is there alone', async () => {
    const model = rehearsalModel();
    const made = await plan(model, linkShortener, 'pyproject.toml\nREADME.md');
    const tree = emptyTree();
    tree.files.set('pyproject.toml', '[project]').set('README.md', 'mine');
    for (const task of ordered(made)) await playAct(model, given(made, task), tree);
    expect(tree.files.get('README.md')).toBe('mine');
    const written = [...tree.files.keys()];
    expect(written.filter((path) => path.endsWith('.py')).length).toBeGreaterThan(10);
    expect(written.filter((path) => /\.m?js$|package\.json/.test(path))).toEqual([]);
  });

  it('keeps out of the way of another test runner', async () => {
    const model = rehearsalModel();
    const made = await plan(model, linkShortener, 'package.json');
    const tree = emptyTree();
    tree.files.set('package.json', '{"scripts":{"test":"jest"}}');
    for (const task of ordered(made))
      expect((await playAct(model, given(made, task), tree)).calls).toBeLessThanOrEqual(3);
    expect(tree.files.get('package.json')).toContain('jest');
    const added = [...tree.files.keys()].filter((path) => /^(?:src|test)\//.test(path));
    expect(added.filter((path) => !/\.mjs$/.test(path) || /\.(?:test|spec)\./.test(path))).toEqual([]);
  });

  it('settles a conflict by keeping both sides', async () => {
    const [task] = (await plan(rehearsalModel(), linkShortener)).tasks.filter(isWork);
    if (task === undefined) throw new Error('There is a task.');
    const conflict: TaskDefinition = { ...task, kind: 'conflict' };
    const tree = emptyTree();
    const marked =
      'import a;\n<<<<<<< HEAD\nexport ours;\nshared line;\n||||||| base\nold;\n=======\nexport theirs;\nshared line;\n>>>>>>> branch\nend\n';
    const told = { branch: 'x', files: ['src/index.js'] };
    const said = 'The branch x conflicts with the run in src/index.js; both sides are needed.';
    for (const section of [told, said]) {
      tree.files.set('src/index.js', marked);
      const more = { conflict: section };
      expect((await playAct(rehearsalModel(), { task: conflict, requirements: [], more }, tree)).calls).toBe(
        3,
      );
      expect(tree.files.get('src/index.js')).toBe(
        'import a;\nexport ours;\nshared line;\nexport theirs;\nend\n',
      );
    }
  });
});

describe('a rehearsed judgement', () => {
  const diff = '+++ b/src/a/b.js\n@@ -0,0 +1,2 @@\n+const a = 1;\n+console.log(a);\n';
  const criteria = ['It works.', 'It is tested.'];

  it('takes criteria for met when checks passed, and not when one failed', async () => {
    const check = (outcome: string) => [{ name: 'npm test', command: 'npm test', outcome, output: '' }];
    const judged = (checks: unknown) =>
      ask<CriteriaAnswer>(rehearsalModel(), 'criteria', { criteria, checks, diff });
    const good = await judged(check('passed'));
    expect(good.criteria.map(({ criterion, met }) => [criterion, met])).toEqual([
      ['It works.', true],
      ['It is tested.', true],
    ]);
    expect(good.criteria[0]?.evidence).toContain('npm test');
    expect((await judged(check('failed'))).criteria.every(({ met }) => !met)).toBe(true);
    const nothing = await ask<CriteriaAnswer>(rehearsalModel(), 'criteria', { criteria });
    expect(nothing.criteria.every(({ met }) => !met)).toBe(true);
  });

  it('approves, with small findings that the diff shows', async () => {
    const answer = await ask<ReviewAnswer>(rehearsalModel(), 'review', { diff });
    expect(answer.verdict).toBe('approve');
    expect(answer.findings).toEqual([
      expect.objectContaining({ severity: 'low', file: 'src/a/b.js', line: 2 }),
    ]);
  });

  it('reflects on what was done, with nothing given too', async () => {
    const made = await plan(rehearsalModel(), linkShortener);
    for (const task of made.tasks) {
      const answer = await ask<ReflectionAnswer>(rehearsalModel(), 'reflection', { task, diff });
      expect(answer.summary).toContain('1 files changed');
    }
    for (const name of [
      'requirements',
      'architecture',
      'tasks',
      'approach',
      'reflection',
      'criteria',
      'review',
    ] as const) {
      await expect(ask(rehearsalModel(), name, {})).resolves.toBeDefined();
      await expect(
        ask(rehearsalModel(), name, { task: '{', requirements: '7', checks: 'x' }),
      ).resolves.toBeDefined();
    }
  });
});

describe('rehearsalModel', () => {
  it('costs nothing, counts its tokens, and stays within what was measured', async () => {
    const model = rehearsalModel();
    const request = requestOf({ prd: linkShortener }, 'requirements');
    const { usage, stopReason } = await model.chat(request, { signal });
    expect(usage).toMatchObject({ costMicroUsd: 0, calls: 1 });
    expect(usage.inputTokens).toBeGreaterThan(400);
    expect(usage.outputTokens).toBeGreaterThan(100);
    expect(usage.inputTokens + usage.outputTokens).toBeLessThanOrEqual(
      model.measure(request).worstCase.tokens,
    );
    expect(model.measure(request).worstCase.microUsd).toBe(0);
    expect(stopReason).toBe('end');
  });

  it('streams its text in a few pieces', async () => {
    const heard: string[] = [];
    const answer = await rehearsalModel().chat(requestOf({ prd: linkShortener }, 'requirements'), {
      signal,
      onText: (text) => heard.push(text),
    });
    expect(heard.length).toBeGreaterThan(1);
    expect(answer.content).toEqual([{ kind: 'text', text: heard.join('') }]);
  });

  it('stops when told to, and knows what it cannot answer', async () => {
    const stopping = new AbortController();
    const waiting = rehearsalModel({ delayMs: 60_000 }).chat(requestOf({}, null), {
      signal: stopping.signal,
    });
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'MODEL_ABORTED' });
    const request = requestOf({}, 'review');
    if (request.answer === null) throw new Error('There is an answer to ask for.');
    const unheard = { ...request, answer: { ...request.answer, name: 'poem' } };
    await expect(rehearsalModel().chat(unheard, { signal })).rejects.toBeInstanceOf(ModelError);
  });
});
