import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@partitura/shared/events';
import { rehearsalModel } from '@partitura/shared/models';
import {
  type Respond,
  respondWith,
  type ServedRequest,
  type ServerAnswer,
  serves,
  startAnthropicServer,
  startOpenAiServer,
  type WireServer,
} from '@partitura/shared/models/testing';
import { type Composed, startComposed } from './testing/composed.ts';
import { brokenChain, filesWith, ofType, readLog } from './testing/evidence.ts';
import { makePlaces, type Places } from './testing/places.ts';
import { replayLog } from './testing/replayed.ts';

const key = 'a-key-that-looks-like-no-other-4711';
const protocols = {
  anthropic: {
    start: startAnthropicServer,
    environment: (url: string) => ({
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_BASE_URL: url,
      PARTITURA_MODEL: 'anthropic/claude-sonnet-5-5',
    }),
  },
  openai: {
    start: startOpenAiServer,
    environment: (url: string) => ({
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: url,
      PARTITURA_MODEL: 'openai/gpt-6-sol',
    }),
  },
} as const;
type Protocol = keyof typeof protocols;

const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
const isFor = (name: string | null, { request }: ServedRequest): boolean =>
  (request.answer?.name ?? null) === name;

/** Answers like a good model, but for the first `times` requests for the named answer (null: an agent's own text). */
const troubled = (name: string | null, trouble: ServerAnswer, times: number): Respond => {
  let left = times;
  return (served) => {
    if (!isFor(name, served) || left === 0) return rehearsed(served);
    left -= 1;
    return trouble;
  };
};

const ends = ['run.completed', 'run.failed', 'run.paused', 'run.stopped'];

interface World {
  readonly places: Places;
  readonly server: WireServer;
  readonly composed: Composed;
}

/** Each closes what it opened: the tests of this file wait side by side. */
const inWorld = async <Result>(
  protocol: Protocol,
  respond: Respond,
  work: (world: World) => Promise<Result>,
): Promise<Result> => {
  const { start, environment } = protocols[protocol];
  const places = await makePlaces();
  const server = await start({ respond });
  const composed = await startComposed(places.data, environment(server.url));
  try {
    return await work({ places, server, composed });
  } finally {
    await composed.stop(1_000);
    await server.close();
    await places.remove();
  }
};

/** A run without a repository, from the PRD to its end. */
const run = (protocol: Protocol, respond: Respond) =>
  inWorld(protocol, respond, async ({ composed, server }) => {
    await composed.requestRun('r_wire');
    const end = await composed.until('r_wire', ends);
    return { end, server, events: await composed.events('r_wire') };
  });

/** The same, and then its log is decided once more. */
const runAndReplay = (protocol: Protocol, respond: Respond) =>
  inWorld(protocol, respond, async ({ places, composed, server }) => {
    await composed.requestRun('r_wire');
    const end = await composed.until('r_wire', ends);
    await composed.stop();
    return { end, server, events: await readLog(places.data), replayed: await replayLog(places.data) };
  });

const problems = (events: readonly RecordedEvent[]): readonly string[] =>
  ofType(events, 'model.failed').map(({ data }) => (data as { problem: { code: string } }).problem.code);

const each = Object.keys(protocols) as Protocol[];

describe.each(each)('over the protocol of %s', (protocol) => {
  it(
    'a run with a repository completes, with several tool calls in one answer, and its key is nowhere',
    () =>
      inWorld(protocol, rehearsed, async ({ places, composed, server }) => {
        await composed.requestRun('r_wire', {
          repository: { url: places.repository, baseBranch: 'main' },
          branch: 'partitura/r_wire',
        });
        expect((await composed.until('r_wire', ends)).type).toBe('run.completed');
        await composed.stop();
        const events = await readLog(places.data);
        expect(brokenChain(events)).toBeNull();
        expect(ofType(events, 'model.answered')).toHaveLength(server.requests.length);
        const ofFirstAnswer = ofType(events, 'tool.called').filter(({ data }) =>
          (data as { toolCallId: string }).toolCallId.includes('.c2.'),
        );
        expect(ofFirstAnswer.length).toBeGreaterThan(ofType(events, 'merge.completed').length);
        expect(await filesWith(places.data, key)).toEqual([]);
        expect(await filesWith(places.repository, key)).toEqual([]);
      }),
    60_000,
  );

  describe('what is waited out, all at the same time', () => {
    type Run = Awaited<ReturnType<typeof runAndReplay>>;
    const passing: Readonly<Record<string, ServerAnswer>> = {
      'a short 429': serves.rateLimited('1'),
      'a 500': serves.serverError(),
      'a 529': serves.overloaded(),
      'a stream that is cut': serves.brokenConnection('Once upon a time there was'),
      'a stream that ends too early': serves.endsTooEarly('Once upon a time there was'),
      'an overload in the middle of an answer': serves.overloadedInTheMiddle('Once upon a time'),
    };
    const runs = new Map<string, Run>();
    const ran = (name: string): Run => {
      const found = runs.get(name);
      if (!found) throw new Error(`${name} was not tried.`);
      return found;
    };
    beforeAll(async () => {
      const tried: readonly (readonly [string, ServerAnswer, number])[] = [
        ...Object.entries(passing).map(([name, trouble]) => [name, trouble, 1] as const),
        ['a long 429', serves.rateLimited('6'), 1],
        ['an outage', serves.serverError(), 4],
      ];
      const tryOut = async ([name, trouble, times]: (typeof tried)[number]): Promise<void> =>
        void runs.set(name, await runAndReplay(protocol, troubled(null, trouble, times)));
      await Promise.all(tried.map(tryOut));
    });

    it.each(Object.keys(passing))('%s is not even noticed by the agent', (name) => {
      const { end, server, events } = ran(name);
      expect(end.type).toBe('run.completed');
      expect(ofType(events, 'task.attempt_failed')).toEqual([]);
      expect(server.requests).toHaveLength(ofType(events, 'model.requested').length + 1);
    });

    it('a long 429 parks the agent, says until when, and loses nothing', () => {
      const { end, events } = ran('a long 429');
      expect(end.type).toBe('run.completed');
      expect(problems(events)).toEqual(['MODEL_RATE_LIMITED']);
      expect(ofType(events, 'agent.rate_limited')).toHaveLength(1);
      expect(ofType(events, 'task.attempt_failed')).toEqual([]);
    });

    it.each(['a long 429', 'an outage', ...Object.keys(passing)])(
      'after %s, the run is decided once more on a clock that goes where the record went',
      (name) => {
        const { events, replayed } = ran(name);
        expect(replayed).toMatchObject({ divergences: [], taken: 0 });
        const decided = events.filter(({ stream }) => /^(run|plan|agent|merge)-/.test(stream));
        const times = decided.map(({ time }) => Date.parse(time));
        expect(replayed.virtualMs).toBe(Math.max(...times) - Math.min(...times));
      },
    );

    it('an outage parks the agent until it is over', () => {
      const { end, events } = ran('an outage');
      expect(end.type).toBe('run.completed');
      expect(problems(events)).toContain('MODEL_UNAVAILABLE');
      expect(ofType(events, 'agent.rate_limited').length).toBeGreaterThan(0);
      expect(ofType(events, 'task.attempt_failed')).toEqual([]);
    });
  });

  it.each<[string, ServerAnswer]>([
    ['no JSON', serves.text('Of course! Here is your JSON: {"requirements": [')],
    ['the wrong shape', serves.json({ requirements: 'many' })],
    ['cut off by the length limit', serves.cutOffByLength('{"requirements": [{"id": "R1"')],
  ])('an answer that is %s is asked for again', async (_, trouble) => {
    const { end, events } = await run(protocol, troubled('requirements', trouble, 2));
    expect(end.type).toBe('run.completed');
    expect(problems(events)).toEqual(['MODEL_INVALID_ANSWER', 'MODEL_INVALID_ANSWER']);
  });

  it('answers that are never usable end the run, and it says why', async () => {
    const { end } = await run(protocol, troubled('tasks', serves.json({ tasks: 7 }), 99));
    expect(end).toMatchObject({ type: 'run.failed', data: { problem: { code: 'PLAN_INVALID' } } });
  });

  it('a refusal fails the attempt with a learning, and the next one may do better', async () => {
    const { end, events } = await run(protocol, troubled(null, serves.refusal('I will not.'), 1));
    expect(end.type).toBe('run.completed');
    expect(ofType(events, 'agent.learning_recorded')).toHaveLength(1);
    expect(ofType(events, 'task.attempt_failed')).toMatchObject([
      { data: { problem: { code: 'MODEL_REFUSED' }, counts: true } },
    ]);
  });

  it('a refusal to plan ends the run', async () => {
    const { end } = await run(protocol, troubled('requirements', serves.refusal('I will not.'), 99));
    expect(end).toMatchObject({
      type: 'run.failed',
      data: { problem: { message: expect.stringContaining('The model refused to answer.') } },
    });
  });

  it('a context that overflows is made shorter once', async () => {
    const { end, events } = await run(protocol, troubled(null, serves.contextOverflow(), 1));
    expect(end.type).toBe('run.completed');
    expect(problems(events)).toEqual(['MODEL_CONTEXT_OVERFLOW']);
    expect(ofType(events, 'task.attempt_failed')).toEqual([]);
  });

  it.each<[string, string | null]>([
    ['the planner', 'requirements'],
    ['an agent', null],
  ])('a key that %s is refused with pauses the run, which goes on with a good one', async (_, name) => {
    let good = false;
    const respond: Respond = (served) =>
      isFor(name, served) && !good ? serves.unauthorized() : rehearsed(served);
    await inWorld(protocol, respond, async ({ composed }) => {
      await composed.requestRun('r_wire');
      const end = await composed.until('r_wire', ends);
      expect(end).toMatchObject({ type: 'run.paused', data: { reason: 'model_unavailable' } });
      good = true;
      await composed.call('resumeRun', { params: { id: 'r_wire' }, query: {}, body: null });
      const after = await composed.until('r_wire', ['run.completed', 'run.failed']);
      expect(after.type).toBe('run.completed');
    });
  });
});
