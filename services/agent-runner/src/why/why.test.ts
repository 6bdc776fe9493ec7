import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { asOrganizationId, type OrganizationId } from '@partitura/shared/events';
import { PartituraError } from '@partitura/shared/runtime';
import { task } from '../testing/world.ts';
import { type ToldRuns, toldRuns } from './testing/told-run.ts';

const runId = 'r_one';
const branch = `partitura/${runId}`;
const attempt = `${runId}.T1.a1`;
const file = 'hello.mjs';
const content = "export const hello = () => 'hello';\nexport const bye = () => 'bye';\n";
let world: ToldRuns;
let first = '';
let byHand = '';

interface Question {
  readonly path?: string;
  readonly line?: number;
  readonly runId?: string;
  readonly projectId?: string;
  readonly commit?: string;
}

const ask = (question: Question, organizationId: OrganizationId | null = null, data?: string) => {
  const { explainLine } = world.asking(data);
  const about = question.projectId === undefined ? { runId, ...question } : question;
  return explainLine(
    { params: {}, query: { path: file, ...about }, body: null },
    {
      actor: 'user:test',
      organizationId,
      correlationId: 'q',
      commandId: 'c',
      expectedRevision: null,
    },
  );
};
const refused = (code: string) => expect.objectContaining({ code });
const codes = (links: readonly { code: string }[]) => links.map(({ code }) => code);

const added = (taskId: string, more: object = {}, conflict: object | null = null) => ({
  type: 'task.added',
  data: {
    taskId,
    phase: 'executor',
    definition: { ...task, key: taskId.split('.')[1] ?? '', ...more },
    pathTokens: 1,
    conflict,
  },
});

beforeAll(async () => {
  world = await toldRuns();
  const { commit, trailers, tell, work, machine } = world;
  await tell('project', 'p1', [
    {
      type: 'project.created',
      data: {
        projectId: 'p1',
        name: 'hello',
        prd: { name: 'PRD.md', title: 'Hello', words: 1, content: await blobOf('x') },
        repository: { url: world.project, baseBranch: 'main' },
        stack: [],
        constraints: [],
        successCriteria: [],
        budget: null,
        workflow: 'architect-plan-swarm',
      },
    },
  ]);
  await world.startRun(runId);
  await tell('run', runId, [
    added(`${runId}.T1`),
    {
      type: 'approval.requested',
      data: {
        approvalId: `${runId}.plan1`,
        action: 'accept_plan',
        subject: runId,
        detail: '',
        bindingHash: 'h',
        expiresAt: null,
      },
    },
    { type: 'approval.granted', data: { approvalId: `${runId}.plan1`, comment: 'Go.' } },
  ]);
  await tell('knowledge', 'p1', [
    {
      type: 'knowledge.node_added',
      data: {
        nodeId: 'k1',
        projectId: 'p1',
        kind: 'decision',
        memory: 'semantic',
        title: 'Greetings are short',
        content: 'One word.',
        tags: [],
        importance: 0.5,
        provenance: { eventId: 'e', position: '1', runId: null, taskId: null, agentId: null, commit: null },
      },
    },
  ]);
  first = await commit(branch, { [file]: content }, trailers(runId, `${runId}.T1`, attempt), machine);
  await work(
    attempt,
    [
      { tool: 'write_file', arguments: { path: file, content: content.split('\n')[0] } },
      { tool: 'write_file', arguments: { path: file, content } },
    ],
    first,
  );
  await world.merged(runId, attempt, first);
  byHand = await commit(branch, { [file]: `${content}// by hand\n` }, 'Add a remark');
});
afterAll(() => world.stop());

const blobOf = async (text: string) => ({
  hash: await world.blobs.put(text),
  size: text.length,
  preview: text,
  contentType: 'text/plain',
});

describe('why a line is as it is', () => {
  it('goes from the line to the PRD, each link with its place in the log', async () => {
    const why = await ask({ line: 2 });
    expect(why).toMatchObject({
      text: "export const bye = () => 'bye';",
      looked: { projectId: 'p1', runId, branch, commit: byHand },
      commit: { id: first, kind: 'checkpoint', attemptId: attempt, path: file, line: 2 },
      run: { id: runId, event: { type: 'run.created', stream: `run-${runId}`, revision: 0 } },
      task: { id: `${runId}.T1`, event: { type: 'task.added' } },
      attempt: { id: attempt, runner: 'runner-1', event: { type: 'agent.spawned' } },
      checkpoint: { commit: first, event: { type: 'agent.checkpoint_committed' } },
      step: {
        step: 'act',
        certainty: 'wrote',
        toolCallId: `${attempt}.c1.2`,
        result: { text: 'Done.' },
        called: { type: 'tool.called' },
        returned: { type: 'tool.returned' },
      },
      prompt: { callId: `${attempt}.c1`, opening: 'The material. Do the task now.', system: 'You build.' },
      answer: { text: expect.stringContaining('write_file'), event: { type: 'model.answered' } },
      memory: [
        { kind: 'learning', text: 'Look before you write.' },
        { kind: 'approach', text: 'Say hello.' },
      ],
      knowledge: [{ nodeId: 'k1', title: 'Greetings are short', used: { type: 'agent.knowledge_used' } }],
      merge: { attemptId: attempt, commit: first, event: { type: 'merge.completed' } },
      requirements: [
        {
          id: 'R1',
          prd: { name: 'PRD.md', line: 5, text: '- FR-1 It says hello to whoever asks.' },
          event: { type: 'plan.accepted' },
        },
      ],
      approvals: [{ of: 'run', status: 'granted', decidedBy: 'user:test', comment: 'Go.' }],
      missing: [],
    });
    // Each of them is there, under this very id.
    for (const proof of [why.task?.event, why.checkpoint?.event, why.step?.called]) {
      const pages = await Array.fromAsync(world.store.readStream(proof?.stream as never));
      expect(pages.flat()[proof?.revision ?? -1]).toMatchObject({
        id: proof?.eventId,
        position: proof?.position,
      });
    }
    expect((await ask({ line: 1 })).step?.toolCallId).toBe(`${attempt}.c1.1`);
  });

  it('says that a line is of somebody else, and that others were left when the file was edited', async () => {
    const theirs = await ask({ line: 3 });
    expect(theirs).toMatchObject({ commit: { kind: 'outside', author: 'Ada', attemptId: null }, task: null });
    expect(codes(theirs.missing)).toEqual(['COMMIT_FROM_OUTSIDE']);
    expect((await ask({ line: 1 })).notes).toMatchObject([
      { code: 'FILE_EDITED_LATER', detail: expect.stringContaining('Ada') },
    ]);
    expect(codes((await ask({ path: 'README.md', line: 1 })).missing)).toEqual(['COMMIT_FROM_OUTSIDE']);
  });

  it('lists the commits of a file without a line, and looks at a commit or a project’s base branch', async () => {
    const why = await ask({});
    expect(why.commits.map(({ id, kind }) => [id, kind])).toEqual([
      [byHand, 'outside'],
      [first, 'checkpoint'],
    ]);
    expect(why).toMatchObject({ line: null, commit: null, task: null, missing: [] });
    expect((await ask({ commit: first.slice(0, 12), line: 2 })).looked).toMatchObject({
      commit: first,
      branch: null,
    });
    const onBase = await ask({ projectId: 'p1', path: 'README.md', line: 1 });
    expect(onBase.looked).toMatchObject({ runId: null, branch: 'main' });
  });

  it('tells a resolved conflict from a merge', async () => {
    const { commit, trailers, tell, work, machine, inProject } = world;
    const run = 'r_two';
    await world.startRun(run);
    const conflict = { taskId: `${run}.T1`, attemptId: `${run}.T1.a1`, branch: 'theirs', files: ['a.txt'] };
    await tell('run', run, [added(`${run}.T1`), added(`${run}.C2`, { kind: 'conflict' }, conflict)]);
    const on = `partitura/${run}`;
    await commit(on, { 'a.txt': 'ours\n' }, 'Ours');
    await commit('theirs', { 'a.txt': 'theirs\n' }, 'Theirs');
    await inProject(['checkout', '--quiet', on]);
    await inProject(['merge', '--quiet', '--no-commit', '--strategy=ours', 'theirs']);
    const resolver = `${run}.C2.a1`;
    await writeFile(join(world.project, 'a.txt'), 'both\n');
    await inProject(['add', '--all']);
    await inProject(['commit', '--quiet', `--message=${trailers(run, `${run}.C2`, resolver)}`], machine);
    const settled = await inProject(['rev-parse', 'HEAD']);
    await inProject(['checkout', '--quiet', 'main']);
    await work(
      resolver,
      [{ tool: 'edit_file', arguments: { path: 'a.txt', find: '<<<<', replace: 'both' } }],
      settled,
    );
    await world.merged(run, resolver, settled);
    const why = await ask({ runId: run, path: 'a.txt', line: 1 });
    expect(why).toMatchObject({
      commit: { id: settled, kind: 'resolution' },
      task: { conflict: { taskId: `${run}.T1`, files: ['a.txt'] } },
      step: { certainty: 'wrote' },
      notes: [{ code: 'CONFLICT_RESOLVED' }],
      requirements: [{ id: 'R1' }],
    });
  });

  it('follows a fork: what it inherited to its parent, its own work to the task that was planned before', async () => {
    const { store, startRun, commit, trailers, work, merged, machine, inProject } = world;
    const fork = 'r_fork';
    const streams: Record<string, number> = {};
    for (const stream of [`run-${runId}`, `agent-${attempt}`, `merge-${runId}`] as const) {
      const pages = await Array.fromAsync(store.readStream(stream as never));
      streams[stream] = pages.flat().length - 1;
    }
    const changes = { model: null, budget: null, prompts: [], droppedTasks: [] };
    const forked = {
      parentRunId: runId,
      at: await store.head(),
      streams,
      commit: first,
      shiftMs: 0,
      unsettled: {},
      changes,
    };
    await startRun(fork, { forked });
    await inProject(['branch', `partitura/${fork}`, first]);
    const own = `${fork}.T1.a2`;
    const more = `${content}export const again = 1;\n`;
    const second = await commit(
      `partitura/${fork}`,
      { [file]: more },
      trailers(fork, `${fork}.T1`, own),
      machine,
    );
    await work(own, [{ tool: 'write_file', arguments: { path: file, content: more } }], second);
    await merged(fork, own, second);
    const inherited = await ask({ runId: fork, line: 2 });
    expect(inherited).toMatchObject({
      run: { id: runId },
      task: { id: `${runId}.T1` },
      merge: { event: { stream: `merge-${runId}` } },
      requirements: [{ prd: { line: 5 } }],
      missing: [],
    });
    const itsOwn = await ask({ runId: fork, line: 3 });
    expect(itsOwn).toMatchObject({
      run: { id: fork },
      task: { id: `${fork}.T1`, event: { stream: `run-${runId}` } },
      attempt: { id: own },
      merge: { event: { stream: `merge-${fork}` } },
      requirements: [{ id: 'R1', prd: { line: 5 }, event: { stream: `run-${runId}` } }],
      missing: [],
    });
  });

  it('believes no trailer that the log does not bear out', async () => {
    const { commit, trailers, startRun, machine, tell } = world;
    const forged = 'r_forged';
    await startRun(forged);
    await startRun('r_theirs', { organization: 'oslo', projectId: 'p_oslo' });
    await tell('run', 'r_theirs', [added('r_theirs.T1')], 'oslo');
    const on = `partitura/${forged}`;
    const claims = [
      trailers(runId, `${runId}.T1`, attempt),
      trailers('r_nobody', 'r_nobody.T1', 'r_nobody.T1.a1'),
      trailers('r_theirs', 'r_theirs.T1', 'r_theirs.T1.a1'),
      trailers(runId, 'r_nobody.T1', attempt),
      `${trailers(runId, `${runId}.T1`, attempt)}Partitura-Attempt: ${runId}.T2.a1\n`,
    ];
    let text = '';
    for (const [index, message] of claims.entries()) {
      text += `line ${index}\n`;
      await commit(on, { 'forged.txt': text }, message, machine);
    }
    const bergen = asOrganizationId('default');
    const asked: Awaited<ReturnType<typeof ask>>[] = [];
    for (const index of claims.keys())
      asked.push(await ask({ runId: forged, path: 'forged.txt', line: index + 1 }, bergen));
    expect(asked.map(({ missing }) => codes(missing))).toEqual([
      ['CHECKPOINT_NOT_RECORDED', 'STEP_NOT_FOUND'],
      ['COMMIT_NAMES_UNKNOWN_RUN'],
      ['COMMIT_NAMES_UNKNOWN_RUN'],
      ['COMMIT_FROM_OUTSIDE'],
      ['COMMIT_OF_SEVERAL_ATTEMPTS'],
    ]);
    expect(JSON.stringify(asked[2])).not.toContain('p_oslo');
  });
});

describe('what cannot be asked', () => {
  it('is refused with a code of its own', async () => {
    const cases: readonly (readonly [Question, string])[] = [
      [{ path: '../../etc/passwd' }, 'BAD_PATH'],
      [{ path: 'no/such.file' }, 'FILE_NOT_FOUND'],
      [{ line: 4 }, 'BAD_LINE'],
      [{ runId: 'r_nothing' }, 'RUN_NOT_FOUND'],
      [{ projectId: 'p_nothing' }, 'PROJECT_NOT_FOUND'],
      [{ runId, projectId: 'p_other' }, 'RUN_NOT_FOUND'],
      [{ commit: '--all' }, 'BAD_COMMIT'],
      [{ commit: '0'.repeat(40) }, 'COMMIT_NOT_FOUND'],
    ];
    for (const [question, code] of cases) await expect(ask(question)).rejects.toEqual(refused(code));
  });

  it('is what belongs to another organisation, as if it were not there', async () => {
    const oslo = asOrganizationId('oslo');
    await expect(ask({ line: 1 }, oslo)).rejects.toEqual(refused('RUN_NOT_FOUND'));
    await expect(ask({ projectId: 'p1' }, oslo)).rejects.toEqual(refused('PROJECT_NOT_FOUND'));
  });

  it('is answered from the copy here when the repository is gone, and without one says so', async () => {
    await ask({ line: 1 });
    await rename(world.project, `${world.project}-away`);
    try {
      const why = await ask({ line: 2 });
      expect(codes(why.notes)).toContain('REPOSITORY_UNREACHABLE');
      expect(why.requirements).toMatchObject([{ id: 'R1' }]);
      const elsewhere = join(world.base, 'elsewhere');
      await expect(ask({ line: 1 }, null, elsewhere)).rejects.toEqual(refused('REPOSITORY_NOT_FOUND'));
    } finally {
      await rename(`${world.project}-away`, world.project);
    }
  });

  it('says which content is lost and goes on without it, and waits for nothing that cannot be asked', async () => {
    const { prompt, answer, requirements } = await ask({ line: 2 });
    const lost = [prompt?.artifactId ?? '', answer?.artifactId ?? ''];
    const { get } = world.blobs;
    const blobs = jest.spyOn(world.blobs, 'get').mockImplementation(async (hash) => {
      if (lost.includes(hash)) throw new PartituraError('BLOB_CORRUPT', 'It was changed.');
      return get(hash);
    });
    try {
      const why = await ask({ line: 2 });
      expect(why).toMatchObject({ prompt: null, answer: null, requirements });
      expect(codes(why.missing)).toEqual(['CONTENT_GONE', 'CONTENT_GONE']);
      for (const [at, { detail }] of why.missing.entries()) {
        expect(detail).toContain(`blob ${lost[at]} of model.`);
        expect(detail).toContain(`of agent-${attempt},`);
      }
      blobs.mockRejectedValue(new PartituraError('BLOB_STORE_UNREACHABLE', 'It is away.'));
      await expect(ask({ line: 2 })).rejects.toEqual(refused('BLOB_STORE_UNREACHABLE'));
    } finally {
      blobs.mockRestore();
    }
  });

  it('is a run whose branch is gone', async () => {
    await world.startRun('r_gone');
    await expect(ask({ runId: 'r_gone' })).rejects.toEqual(refused('BRANCH_NOT_FOUND'));
  });
});

describe('the code of two runs', () => {
  const compare = (id: string, other: string, organizationId: OrganizationId | null = null) =>
    world.asking().getCodeDifference(
      { params: { id, other }, query: {}, body: null },
      {
        actor: 'user:test',
        organizationId,
        correlationId: 'q',
        commandId: 'c',
        expectedRevision: null,
      },
    );

  it('is compared as their branches stand, binary files and all', async () => {
    const { commit, startRun } = world;
    await startRun('r_left');
    await startRun('r_right');
    await commit('partitura/r_left', { 'x.txt': 'one\ntwo\n' }, 'Left');
    await commit('partitura/r_right', { 'x.txt': 'one\nthree\n', 'y.bin': '\u0000\u0001' }, 'Right');
    const found = await compare('r_left', 'r_right');
    expect(found).toMatchObject({
      from: { runId: 'r_left', branch: 'partitura/r_left' },
      files: [
        { path: 'x.txt', insertions: 1, deletions: 1 },
        { path: 'y.bin', insertions: null, deletions: null },
      ],
      filesChanged: 2,
      insertions: 1,
      deletions: 1,
      truncated: false,
    });
    expect(found.patch).toContain('-two\n+three\n');
  });

  it('is cut where it is longer than anybody reads', async () => {
    const { commit, startRun } = world;
    await startRun('r_long');
    await commit('partitura/r_long', { 'x.txt': 'a line\n'.repeat(60_000) }, 'Long');
    const found = await compare('r_left', 'r_long');
    expect(found).toMatchObject({ truncated: true, insertions: 60_000 });
    expect(found.patch.length).toBeLessThanOrEqual(256 * 1024);
  });

  it('is not compared across projects, nor shown to others', async () => {
    await world.startRun('r_elsewhere', { projectId: 'p2' });
    await world.commit('partitura/r_elsewhere', { 'x.txt': 'one\n' }, 'Elsewhere');
    await expect(compare('r_left', 'r_elsewhere')).rejects.toEqual(refused('RUNS_OF_DIFFERENT_PROJECTS'));
    await expect(compare('r_left', 'r_gone')).rejects.toEqual(refused('BRANCH_NOT_FOUND'));
    const oslo = asOrganizationId('oslo');
    await expect(compare('r_left', 'r_right', oslo)).rejects.toEqual(refused('RUN_NOT_FOUND'));
  });
});
