import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asRunId, noUsage, streamName } from '@partitura/shared/events';
import { examples } from '@partitura/shared/http';
import { type Happening, runStory, tellStore } from '@partitura/shared/http/testing';
import { startGateway } from '../testing/gateway-under-test.ts';

let server: Awaited<ReturnType<typeof startGateway>>;

interface Shown {
  readonly id: string;
  readonly revision: number;
  readonly type: string;
}

const inherited = 3;

/** A run of two tasks, and a fork of it that has the first three events of an agent, and one that agent did itself. */
beforeEach(async () => {
  const agent = { ...structuredClone(examples.getAgent?.result), id: 'r_2.T2.a1' };
  server = await startGateway({ operations: { getAgent: async () => agent as never } });
  const story = runStory({ tasks: 2 });
  await tellStore(server.store, story);
  const created = story.find(({ event }) => event.type === 'run.created');
  const step = story.find(({ event }) => event.type === 'agent.step_entered');
  if (created?.event.type !== 'run.created' || !step) throw new Error('The story is another one.');
  const { projectId } = created;
  const { configuration } = created.event.data;
  const of = (stream: string, event: Happening['event']): Happening => ({
    ...created,
    stream: streamName(stream === 'run' ? 'run' : 'agent', stream === 'run' ? 'r_2' : 'r_2.T2.a1'),
    runId: asRunId('r_2'),
    event,
  });
  const fork = {
    parentRunId: 'r_1',
    at: await server.store.head(),
    streams: { 'run-r_1': 1, 'agent-r_1.T2.a1': inherited - 1 },
    commit: null,
    shiftMs: 0,
    unsettled: { plan: noUsage },
    changes: { model: null, budget: null, prompts: [], droppedTasks: [] },
  };
  const forked = [
    of('run', { type: 'run.created', data: { runId: 'r_2', projectId, configuration } }),
    of('run', { type: 'run.forked', data: fork }),
    of('agent', step.event),
  ];
  await tellStore(server.store, forked, story.length);
});
afterEach(() => server.stop());

const ask = async (given: string): Promise<Record<string, unknown>> => {
  const query = `{ agent(id: "r_2.T2.a1") { events(${given}) { id revision type } } }`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    body: JSON.stringify({ query }),
    headers,
  });
  return Object(await answer.json());
};

const shown = (answer: Record<string, unknown>): readonly Shown[] => {
  const agent: unknown = Reflect.get(Object(answer.data), 'agent');
  return Reflect.get(Object(agent), 'events');
};

describe('the events of an agent in a fork', () => {
  it('are paged through what it inherited and on into its own', async () => {
    const all = shown(await ask('limit: 500'));
    expect(all).toHaveLength(inherited + 1);
    const paged: Shown[] = [];
    for (let last: Shown | undefined; ; last = paged.at(-1)) {
      const page = shown(await ask(`limit: 1${last ? `, afterId: "${last.id}"` : ''}`));
      if (page.length === 0) break;
      paged.push(...page);
    }
    expect(paged).toEqual(all);
    // By revision there is no way to say which of these was seen.
    expect(new Set(all.slice(0, inherited).map(({ revision }) => revision)).size).toBe(1);
  });

  it('of an id that none of them has are refused', async () => {
    expect(await ask('afterId: "nobody"')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_CURSOR', status: 400 } }],
    });
  });
});
