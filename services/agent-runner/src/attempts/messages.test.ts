import { describe, expect, it } from '@jest/globals';
import {
  asRunId,
  beginning,
  type RunEvent,
  recordedIn,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { unborn } from '../agents/state.ts';
import { goodAnswers, type Reply, type Script } from '../testing/scripted-model.ts';
import { task, type WorldOptions } from '../testing/world.ts';
import { dataOf, worlds } from '../testing/worlds.ts';
import { mailboxes } from './mailboxes.ts';

const open = worlds();

const attempts = ['T1', 'T2'].map((key) => ({
  key,
  taskId: `r_test.${key}`,
  attemptId: `r_test.${key}.a1`,
}));
const [sender, receiver] = attempts;
if (!sender || !receiver) throw new Error('There are two.');

const send = (to: string, text: string): Reply => ({
  tools: [{ tool: 'send_message', arguments: { to, text } }],
});

/** Sends for real: the tools of these worlds only say that they did. */
const sending: WorldOptions['runTool'] = async (call, context) => {
  if (call.tool === 'send_message') {
    const { to, text } = call.arguments as { to: string; text: string };
    await context.sendMessage({ to, text, toolCallId: context.toolCallId });
  }
  return { outcome: 'succeeded', text: `${call.tool} did it` };
};

type World = ReturnType<ReturnType<typeof worlds>>;

const scheduleBoth = async (world: World): Promise<void> => {
  await world.schedule();
  const definition = { ...task, key: receiver.key };
  const { taskId, attemptId } = receiver;
  const events: readonly RunEvent[] = [
    { type: 'task.added', data: { taskId, phase: 'executor', definition, pathTokens: 1, conflict: null } },
    {
      type: 'task.scheduled',
      data: {
        taskId,
        attemptId,
        attempt: 1,
        agentType: 'eng-qa',
        model: 'scripted/one',
        reservation: null,
        deadlineAt: new Date(world.clock.now() + 600_000).toISOString(),
      },
    },
  ];
  await world.appendRun(events);
};

const offer = (world: World, { taskId, attemptId }: typeof sender) =>
  world.queue.enqueue('attempts', [{ id: attemptId, payload: { runId: 'r_test', taskId, attemptId } }]);

const talking: Script = (request) => {
  if (request.answer?.name === 'approach') return { structured: goodAnswers.approach };
  const turn = request.messages.filter(({ role }) => role === 'assistant').length;
  return turn === 0 ? send('T2', 'Mind the gap.') : new Promise<Reply>(() => undefined);
};

/** Waits at its first act call, and reads what it is told at the second. */
const listening = () => {
  const acting = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const script: Script = async (request) => {
    if (request.answer?.name === 'approach') return { structured: goodAnswers.approach };
    const turn = request.messages.filter(({ role }) => role === 'assistant').length;
    if (turn > 0) return new Promise<Reply>(() => undefined);
    acting.resolve();
    await goOn.promise;
    return { tools: [{ tool: 'read_file', arguments: {} }] };
  };
  return { script, acting: acting.promise, goOn: goOn.resolve };
};

/** Forks a run where it stands, with these of its streams; what a fork changes beside that is of no matter here. */
const fork = async (world: World, parentRunId: string, runId: string, inherited: readonly string[]) => {
  const at = await world.store.head();
  const pages = await Array.fromAsync(world.store.readStream(streamName('run', 'r_test'), { limit: 1 }));
  const [created] = recordedIn('run', pages.flat());
  if (created?.type !== 'run.created') throw new Error('There is no run.');
  const streams: Record<string, number> = {};
  for await (const { events } of world.store.readAll())
    for (const { stream, revision } of events) if (inherited.includes(stream)) streams[stream] = revision;
  const changes = { model: null, budget: null, prompts: [], droppedTasks: [] };
  const events: readonly RunEvent[] = [
    { type: 'run.created', data: { ...created.data, runId } },
    {
      type: 'run.forked',
      data: { parentRunId, at, streams, commit: null, shiftMs: 0, unsettled: {}, changes },
    },
    { type: 'run.started', data: { wallDeadlineAt: null } },
  ];
  const metadata = { ...created.metadata, runId: asRunId(runId), correlationId: runId };
  const recorded = events.map((event, index) => ({
    ...{ id: `${runId}/${index}`, type: event.type, version: versionOf(event.type), data: event.data },
    ...{ time: new Date(world.clock.now()).toISOString(), metadata },
  }));
  await world.store.append(streamName('run', runId), recorded, 'no_stream');
};

describe('a message', () => {
  it('reaches an agent at work in another process, once, however often it is delivered', async () => {
    const listener = listening();
    const two = open({ script: listener.script, runner: 'two' });
    const one = open({
      script: talking,
      runner: 'one',
      store: two.store,
      blobs: two.blobs,
      runTool: sending,
    });
    await scheduleBoth(two);
    await two.start();
    await one.start();
    await offer(two, receiver);
    await listener.acting;
    await offer(one, sender);
    const sent = await one.until('agent.message_sent');
    const probe = two.mailboxes.open({ ...receiver, runId: 'r_test', agentType: 'eng-qa' });
    await probe.catchUp(sent.position);
    expect(probe.take(unborn())).toEqual([]);
    listener.goOn();
    const received = await two.until('agent.message_received');
    expect(received).toMatchObject({
      stream: `agent-${receiver.attemptId}`,
      data: { from: sender.attemptId, text: 'Mind the gap.', messageId: sent.id },
    });
    while (!JSON.stringify(two.requests).includes('Mind the gap.')) await systemClock.sleep(2);
    expect(dataOf(await one.agentEvents(), 'agent.message_received')).toEqual([]);
  });

  it('to an agent that is killed before it could record it is there when it is taken up', async () => {
    const listener = listening();
    const two = open({ script: listener.script, runner: 'two' });
    await scheduleBoth(two);
    await two.start();
    await offer(two, receiver);
    await listener.acting;
    const one = open({
      script: talking,
      runner: 'one',
      store: two.store,
      blobs: two.blobs,
      runTool: sending,
    });
    await one.start();
    await offer(one, sender);
    const sent = await one.until('agent.message_sent');
    // Never to answer again: it is taken up by another as if it was dead.
    const heard = listening();
    heard.goOn();
    const three = open({ script: heard.script, runner: 'three', store: two.store, blobs: two.blobs });
    await three.start();
    await offer(three, receiver);
    const received = await three.until('agent.message_received');
    expect(received.data).toMatchObject({ text: 'Mind the gap.', messageId: sent.id });
    while (!JSON.stringify(three.requests).includes('Mind the gap.')) await systemClock.sleep(2);
  });

  it('that was under way when the run was forked reaches the fork’s agent, once, and that of a fork of it', async () => {
    const listener = listening();
    const two = open({ script: listener.script, runner: 'two' });
    await scheduleBoth(two);
    await two.start();
    await offer(two, receiver);
    await listener.acting;
    const one = open({
      script: talking,
      runner: 'one',
      store: two.store,
      blobs: two.blobs,
      runTool: sending,
    });
    await one.start();
    await offer(one, sender);
    const sent = await one.until('agent.message_sent');
    const streams = ['run-r_test', ...attempts.map(({ attemptId }) => `agent-${attemptId}`)];
    await fork(two, 'r_test', 'r_fork', streams);
    await fork(two, 'r_fork', 'r_again', ['run-r_fork']);
    const heard = listening();
    heard.goOn();
    const three = open({ script: heard.script, runner: 'three', store: two.store, blobs: two.blobs });
    await three.start();
    for (const runId of ['r_fork', 'r_again']) {
      const taskId = `${runId}.T2`;
      const attemptId = `${taskId}.a1`;
      await three.queue.enqueue('attempts', [{ id: attemptId, payload: { runId, taskId, attemptId } }]);
    }
    const received = [
      await two.until('agent.message_received'),
      await two.until('agent.message_received', 2),
    ];
    expect(new Map(received.map(({ stream, data }) => [String(stream), data]))).toEqual(
      new Map(
        ['r_fork', 'r_again'].map((runId) => [
          `agent-${runId}.T2.a1`,
          { from: `${runId}.T1.a1`, text: 'Mind the gap.', messageId: sent.id },
        ]),
      ),
    );
    // Who has received it before the fork of the fork does not hear it again.
    await fork(two, 'r_fork', 'r_later', ['run-r_fork', 'agent-r_fork.T2.a1']);
    const later = { attemptId: 'r_later.T2.a1', taskId: 'r_later.T2', runId: 'r_later', agentType: 'eng-qa' };
    const probe = two.mailboxes.open(later);
    await probe.catchUp(beginning);
    expect(probe.take({ ...unborn(), received: [sent.id] })).toEqual([]);
    await probe.catchUp(beginning);
    expect(probe.take(unborn())).toMatchObject([{ data: { messageId: sent.id } }]);
  });

  it('is for whom it is meant in its run, and comes in the order of the log', async () => {
    const world = open({ script: () => ({ text: 'x' }) });
    await world.schedule();
    const boxes = mailboxes({ store: world.store, clock: world.clock, logger: silentLogger });
    const of = (key: string, agentType: string, runId = 'r_test') =>
      boxes.open({ attemptId: `${runId}.${key}.a1`, taskId: `${runId}.${key}`, runId, agentType });
    const mail = {
      all: of('A', 'eng-qa'),
      type: of('B', 'eng-web'),
      self: of('S', 'eng-web'),
      other: of('A', 'eng-qa', 'r_other'),
    };
    const since = await world.store.head();
    const tell = async (to: string, text: string): Promise<void> => {
      await world.appendAgent('r_test.S.a1', [{ type: 'agent.message_sent', data: { to, text } }]);
    };
    for (const [to, text] of [
      ['all', '1'],
      ['A', '2'],
      ['r_test.A.a1', '3'],
      ['eng-web', '4'],
      ['r_test.B', '5'],
    ] as const)
      await tell(to, text);
    await Promise.all(Object.values(mail).map((box) => box.catchUp(since)));
    const texts = (box: typeof mail.all) =>
      box.take(unborn()).map(({ data }) => (data as { text: string }).text);
    expect(texts(mail.all)).toEqual(['1', '2', '3']);
    expect(texts(mail.type)).toEqual(['1', '4', '5']);
    expect(texts(mail.self)).toEqual([]);
    expect(texts(mail.other)).toEqual([]);
  });
});
