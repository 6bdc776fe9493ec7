import { access } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { streamName } from '@partitura/shared/events';
import type { ChatModel } from '@partitura/shared/models';
import { goodScript, type Reply, type Script, scriptedModel } from '../testing/scripted-model.ts';
import { runBranch, twoRunners } from '../testing/two-runners.ts';
import { dataOf, typesOf } from '../testing/worlds.ts';

type Runners = Awaited<ReturnType<typeof twoRunners>>;
const opened: Runners[] = [];
const open = async (files?: Readonly<Record<string, string>> | null): Promise<Runners> => {
  const runners = await twoRunners(files);
  opened.push(runners);
  return runners;
};
afterEach(async () => {
  for (const runners of opened.splice(0)) await runners.close();
});

const write = (path: string, content: string) => ({ tool: 'write_file', arguments: { path, content } });
const edit = (path: string, find: string, replace: string) => ({
  tool: 'edit_file',
  arguments: { path, find, replace },
});
const command = (text: string) => ({ tool: 'run_command', arguments: { command: text } });
const turns: readonly Reply[] = [
  { tools: [write('hello.txt', 'hello\n'), command('echo made >> made.txt')] },
  { tools: [edit('hello.txt', 'hello', 'hello, world')] },
];

/** A model that says nothing at the n-th turn of the act step, and tells that it was asked. */
const silentAt = (turn: number, script: Script) => {
  const asked = Promise.withResolvers<void>();
  const model: ChatModel = scriptedModel((request, call) => {
    const turnsSoFar = request.messages.filter(({ role }) => role === 'assistant').length;
    if (request.answer !== null || turnsSoFar < turn) return script(request, call);
    asked.resolve();
    return new Promise<Reply>(() => undefined);
  }).model;
  return { model, asked: asked.promise };
};

const attemptId = 'r1.T1.a1';
const branch = `partitura-task/${attemptId}`;
const agentStream = streamName('agent', attemptId);
const elsewhere = (path: string): Promise<boolean> =>
  access(path).then(
    () => false,
    () => true,
  );

describe('an attempt whose runner is gone', () => {
  it('goes on on another machine, and ends as it would have', async () => {
    const runners = await open();
    await runners.begin();
    await runners.schedule('T1');
    const first = silentAt(2, goodScript(turns));
    const one = await runners.start('one', first.model);
    await runners.offer('T1');
    await first.asked;
    // No word is said: what the first runner had in its work tree is in no commit.
    const heir = scriptedModel(goodScript(turns));
    const two = await runners.start('two', heir.model);
    const delivery = { id: attemptId, payload: runners.jobOf('T1'), delivery: 2, stalled: true };
    await two.handlers.get('attempts')?.({ ...delivery, signal: new AbortController().signal });
    const [end] = await runners.found('agent.finished', 1);
    expect(end?.data).toMatchObject({ outcome: 'succeeded', branch });
    expect(await runners.inBare('show', `${branch}:hello.txt`)).toBe('hello, world');
    expect(await runners.inBare('show', `${branch}:made.txt`)).toBe('made');
    const events = await runners.streamOf(agentStream);
    expect(typesOf(events)).toEqual(expect.arrayContaining(['agent.crashed', 'agent.resumed']));
    expect(typesOf(events)).not.toContain('agent.message_received');
    expect(dataOf(events, 'tool.returned')).toHaveLength(3);
    expect(await elsewhere(two.worktree(attemptId))).toBe(false);
    await one.stop();
    expect((await runners.streamOf(agentStream)).length).toBe(events.length);
  });

  it('comes back to a machine whose work tree is out of date, and does not believe it', async () => {
    const runners = await open();
    await runners.begin();
    await runners.schedule('T1');
    const first = silentAt(1, goodScript(turns));
    const one = await runners.start('one', first.model);
    await runners.offer('T1');
    await first.asked;
    const second = silentAt(2, goodScript(turns));
    const two = await runners.start('two', second.model);
    await one.stop();
    await second.asked;
    const again = await runners.start('one', scriptedModel(goodScript(turns)).model);
    await two.stop();
    await runners.found('agent.finished', 1);
    expect(await runners.inBare('show', `${branch}:hello.txt`)).toBe('hello, world');
    // Once for each work tree: this one was begun anew.
    expect(await runners.inBare('show', `${branch}:made.txt`)).toBe('made');
    await again.stop();
  });

  it('is told what came out differently the second time', async () => {
    const runners = await open();
    await runners.begin();
    await runners.schedule('T1');
    const marker = `${runners.base}/once`;
    const once: readonly Reply[] = [{ tools: [command(`mkdir ${marker} && echo yes > made.txt`)] }];
    const first = silentAt(1, goodScript(once));
    const one = await runners.start('one', first.model);
    await runners.offer('T1');
    await first.asked;
    const heir = scriptedModel(goodScript([...once, { tools: [write('made.txt', 'by hand\n')] }]));
    await runners.start('two', heir.model);
    await one.stop();
    await runners.found('agent.finished', 1);
    const events = await runners.streamOf(agentStream);
    expect(dataOf(events, 'agent.message_received')).toMatchObject([
      { from: 'partitura', text: expect.stringContaining('run_command') },
    ]);
    expect(JSON.stringify(heir.requests)).toContain('came out differently');
  });
});

describe('a runner that was taken for dead', () => {
  it('that pushed before it knew does not keep the one that has the attempt from pushing', async () => {
    const runners = await open();
    await runners.begin();
    await runners.schedule('T1');
    const first = silentAt(1, goodScript(turns));
    const one = await runners.start('one', first.model);
    await runners.offer('T1');
    await first.asked;
    // What the zombie would have committed: the same task, other content, the same parent.
    const main = await runners.inBare('rev-parse', runBranch);
    const tree = await runners.inBare('rev-parse', `${main}^{tree}`);
    const message = `T1: Say hello\n\nPartitura-Attempt: ${attemptId}`;
    const who = ['-c', 'user.name=Partitura', '-c', 'user.email=partitura@localhost'];
    const left = await runners.inBare(...who, 'commit-tree', '-p', main, '-m', message, tree);
    await runners.inBare('update-ref', `refs/heads/${branch}`, left);
    await runners.start('two', scriptedModel(goodScript(turns)).model);
    await one.stop();
    const [end] = await runners.found('agent.finished', 1);
    expect(end?.data).toMatchObject({ outcome: 'succeeded' });
    expect(await runners.inBare('show', `${branch}:hello.txt`)).toBe('hello, world');
    expect(await runners.inBare('rev-list', '--count', branch)).toBe('2');
  });
});

describe('the first run on a repository', () => {
  it('in which there is nothing makes its branches, also with two runners at once', async () => {
    const runners = await open(null);
    await runners.begin();
    await runners.schedule('T1', 'T2');
    const script = (key: string): Script => goodScript([{ tools: [write(`${key}.txt`, `${key}\n`)] }]);
    await runners.start('one', scriptedModel(script('a')).model);
    await runners.start('two', scriptedModel(script('b')).model);
    await Promise.all([runners.offer('T1'), runners.offer('T2')]);
    await Promise.all([runners.submit('T1'), runners.submit('T2')]);
    await runners.found('merge.completed', 2);
    const files = await runners.inBare('ls-tree', '--name-only', runBranch);
    expect(files.split('\n').sort()).toEqual(['a.txt', 'b.txt']);
    expect(await runners.inBare('log', '--format=%s', 'main')).toBe('Begin');
  });
});
