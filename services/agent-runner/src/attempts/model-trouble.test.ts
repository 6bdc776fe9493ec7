import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '@partitura/shared/runtime/testing';
import { goodAnswers, goodScript, modelError, type Reply, type Script } from '../testing/scripted-model.ts';
import type { WorldOptions, world } from '../testing/world.ts';
import { dataOf, worlds } from '../testing/worlds.ts';

const open = worlds();
const plain = { configuration: { repository: null, branch: null } } as const;

const run = async (
  options: WorldOptions,
  changes: Parameters<ReturnType<typeof world>['schedule']>[0] = {},
) => {
  const runner = open(options);
  await runner.schedule({ deadlineAt: Date.UTC(2_200, 0), ...changes });
  await runner.start();
  await runner.offer();
  const finished = await runner.until('agent.finished');
  return { runner, end: finished.data, events: await runner.agentEvents() };
};

const write: Reply = { tools: [{ tool: 'write_file', arguments: { path: 'a' } }] };

describe('a model', () => {
  it('that answers in the wrong form is asked to repair it, twice at the most', async () => {
    const wrong: Script = (request, call) =>
      request.answer?.name === 'approach' && call <= 2
        ? { structured: { no: 'idea' } }
        : goodScript([])(request, call);
    const { end, events, runner } = await run({ script: wrong });
    expect(end).toMatchObject({ outcome: 'succeeded' });
    expect(dataOf(events, 'model.failed')).toHaveLength(2);
    expect(JSON.stringify(runner.requests[1]?.messages)).toContain('could not be used');
    // What the wrong answers cost is part of what the attempt cost.
    expect(end).toMatchObject({ usage: { calls: 6 } });
    const never = await run({ script: () => ({ structured: {} }) });
    expect(never.end).toMatchObject({
      outcome: 'failed',
      problem: { code: 'MODEL_INVALID_ANSWER' },
      escalate: true,
    });
    expect(never.runner.requests).toHaveLength(3);
  });

  it('that refuses ends the attempt with a learning', async () => {
    const { end, events } = await run(
      { script: () => ({ text: 'I will not.', stopReason: 'refusal' }) },
      plain,
    );
    expect(end).toMatchObject({ outcome: 'failed', problem: { code: 'MODEL_REFUSED' } });
    expect(dataOf(events, 'agent.learning_recorded')).toHaveLength(1);
  });

  it('that may not be used ends the attempt with its problem', async () => {
    for (const code of ['MODEL_UNAUTHORIZED', 'MODEL_NOT_FOUND', 'MODEL_BAD_REQUEST'] as const) {
      const { end, runner } = await run({ script: () => ({ error: modelError(code) }) }, plain);
      expect(end).toMatchObject({ outcome: 'failed', problem: { code }, escalate: false });
      expect(runner.requests).toHaveLength(1);
    }
  });

  it('that finds the conversation too long is given a shorter one, once', async () => {
    const acts: Reply[] = Array.from({ length: 6 }, (_, turn) => ({
      tools: [{ tool: 'read_file', arguments: { path: `file${turn}` } }],
    }));
    let refusals = 0;
    const script: Script = (request, call) => {
      if (request.messages.length > 9 && refusals === 0) {
        refusals += 1;
        return { error: modelError('MODEL_CONTEXT_OVERFLOW') };
      }
      return goodScript(acts)(request, call);
    };
    const runTool: WorldOptions['runTool'] = async ({ arguments: input }) => ({
      outcome: 'succeeded',
      text: `${JSON.stringify(input)} ${'x'.repeat(4_000)}`,
    });
    const { end, events } = await run({ script, runTool, contextWindow: 26_000 });
    expect(end).toMatchObject({ outcome: 'succeeded' });
    expect(dataOf(events, 'agent.context_compacted').length).toBeGreaterThan(0);
    const always = await run({ script: () => ({ error: modelError('MODEL_CONTEXT_OVERFLOW') }) }, plain);
    expect(always.end).toMatchObject({
      outcome: 'failed',
      problem: { code: 'MODEL_CONTEXT_OVERFLOW' },
      escalate: true,
    });
    expect(always.runner.requests).toHaveLength(2);
  });

  it('that cannot be reached is waited for, but not for ever', async () => {
    const clock = virtualClock();
    const runner = open({ clock, script: () => ({ error: modelError('MODEL_UNAVAILABLE') }) });
    await runner.schedule(plain);
    await runner.start();
    await runner.offer();
    for (let outages = 1; outages <= 12; outages += 1) {
      await runner.until('agent.rate_limited', outages);
      // The deadline sleeps too.
      while (clock.sleeping() < 2) await new Promise(setImmediate);
      await clock.advance(60_000);
    }
    const { data } = await runner.until('agent.finished');
    expect(data).toMatchObject({ outcome: 'failed', problem: { code: 'MODEL_UNAVAILABLE' } });
    expect(runner.requests).toHaveLength(13);
  });

  it('that reaches its length limit goes on', async () => {
    const script: Script = (_, call) =>
      call === 1 ? { text: 'Once upon', stopReason: 'length' } : { text: 'a time.' };
    const { end, runner } = await run({ script }, plain);
    expect(end).toMatchObject({ outcome: 'succeeded', summary: 'a time.' });
    expect(runner.requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });
});

describe('an agent', () => {
  it('that does the same again and again is stopped, learns, and fails after its last cycle', async () => {
    const looping: Script = (request, call) => (request.answer ? goodScript([])(request, call) : write);
    const { end, events } = await run({ script: looping });
    expect(end).toMatchObject({ outcome: 'failed', problem: { code: 'LOOP_DETECTED' }, escalate: true });
    expect(dataOf(events, 'agent.learning_recorded')).toHaveLength(3);
    expect(dataOf(events, 'tool.called')).toHaveLength(9);
  });

  it('that never ends is brought to verify after its turns', async () => {
    let turn = 0;
    const endless: Script = (request, call) => {
      if (request.answer) return goodScript([])(request, call);
      turn += 1;
      return { tools: [{ tool: 'write_file', arguments: { path: `file${turn}` } }] };
    };
    const { end, events } = await run({ script: endless });
    expect(end).toMatchObject({ outcome: 'succeeded' });
    expect(dataOf(events, 'tool.called')).toHaveLength(40);
  });

  it('whose checks fail is not believed, and begins again with what was learned', async () => {
    let checked = 0;
    const { end, events, runner } = await run({
      script: goodScript([write]),
      checks: () => {
        checked += 1;
        const outcome = checked === 1 ? 'failed' : 'passed';
        return [
          {
            name: 'test',
            command: 'npm test',
            outcome,
            exitCode: 1,
            durationMs: 1,
            passed: 3,
            failed: 2,
            output: 'two are red',
          },
        ];
      },
    });
    expect(end).toMatchObject({ outcome: 'succeeded' });
    expect(dataOf(events, 'agent.verified')).toMatchObject([
      { passed: false, criteria: [] },
      { passed: true },
    ]);
    expect(dataOf(events, 'agent.learning_recorded')).toMatchObject([
      { cycle: 1, learning: expect.stringContaining('two are red') },
    ]);
    const approaches = runner.requests.filter(({ answer }) => answer?.name === 'approach');
    expect(JSON.stringify(approaches[1]?.messages)).toContain('two are red');
    // The model was not asked about criteria while the checks failed.
    expect(runner.requests.filter(({ answer }) => answer?.name === 'criteria')).toHaveLength(1);
  });

  it('that meets not all criteria after its last cycle escalates', async () => {
    const unmet: Script = (request, call) =>
      request.answer?.name === 'criteria'
        ? { structured: { criteria: [] } }
        : goodScript([write])(request, call);
    const { end, events } = await run({ script: unmet });
    expect(end).toMatchObject({
      outcome: 'failed',
      problem: { code: 'VERIFICATION_FAILED' },
      escalate: true,
    });
    expect(dataOf(events, 'agent.verified')).toHaveLength(3);
  });

  it('that reviews reads only, commits nothing, and reports its findings', async () => {
    const findings = [{ severity: 'high', title: 'No test', file: 'a.ts', line: 3, advice: 'Write one.' }];
    const used: string[] = [];
    const script: Script = (request, call) =>
      request.answer?.name === 'review'
        ? { structured: { ...(goodAnswers.review as object), verdict: 'changes_requested', findings } }
        : goodScript([
            {
              tools: [
                { tool: 'read_file', arguments: {} },
                { tool: 'write_file', arguments: {} },
              ],
            },
          ])(request, call);
    const { end, events, runner } = await run(
      {
        script,
        runTool: async ({ tool }) => {
          used.push(tool);
          return { outcome: 'succeeded', text: 'the file' };
        },
      },
      { definition: { kind: 'review', agentType: 'review-code', requirementIds: [] } },
    );
    expect(end).toMatchObject({ outcome: 'succeeded', branch: null, commit: null, findings });
    expect(used).toEqual(['read_file']);
    expect(dataOf(events, 'tool.returned')).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'refused' }]);
    expect(runner.log).not.toContain('checkpoint');
    expect(JSON.stringify(runner.requests.at(-1)?.messages)).toContain('the diff');
  });

  it('keeps secrets out of what it hands on', async () => {
    const key = `sk-ant-api03-${'a'.repeat(90)}`;
    const { runner } = await run({
      script: goodScript([write]),
      runTool: async () => ({ outcome: 'succeeded', text: `key: ${key}` }),
    });
    expect(JSON.stringify(runner.requests)).not.toContain(key);
    expect(JSON.stringify(await runner.agentEvents())).not.toContain(key);
  });
});
