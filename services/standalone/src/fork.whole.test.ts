import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiClient, apiClient, type CloudEvent } from '@partitura/shared/http';
import { git } from '@partitura/shared/repositories';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { type Standalone, startStandalone } from './service.ts';
import { makePlaces, type Places, shortPrd } from './testing/places.ts';

let running: Standalone;
let places: Places;
let client: ApiClient;
let parent: string;
/** All that was recorded of the run that is forked, in order. */
let past: readonly CloudEvent[];

const endings = ['run.completed', 'run.failed', 'run.stopped', 'run.cancelled'];

/** What was recorded of a run to its end. */
const untilEnd = async (runId: string): Promise<readonly CloudEvent[]> => {
  const events: CloudEvent[] = [];
  for await (const event of client.events({ runId, after: '' })) {
    if (!event.type.startsWith('project.')) events.push(event);
    if (endings.includes(event.type)) return events;
  }
  throw new Error('The events ended before the run.');
};

/** The files of a run's branch, which is there once the run has told its end. */
const ofBranch = async (runId: string): Promise<string> =>
  (await git(['rev-parse', '--verify', `partitura/${runId}^{tree}`], { cwd: places.repository })).stdout;

const answers = (events: readonly CloudEvent[]): number =>
  events.filter(({ type }) => type === 'model.answered').length;

const answersAfter = (events: readonly CloudEvent[], at: string): number =>
  answers(events.filter(({ position }) => position > at));

const positionOf = (events: readonly CloudEvent[], type: string, nth = 0): string => {
  const found = events.filter((event) => event.type === type).at(nth);
  if (!found) throw new Error(`There is no ${type}.`);
  return found.position;
};

const forkAt = async (run: string, at: string, more: { readonly dropTasks?: string[] } = {}) => {
  const { id } = await client.call('forkRun', { params: { id: run }, body: { at, ...more } });
  return { id, events: await untilEnd(id) };
};

beforeAll(async () => {
  places = await makePlaces();
  const configuration = await loadConfiguration({
    environment: { PARTITURA_DATA: places.data },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  const options = { configuration, logger: silentLogger, version: '0', mode: 'work', port: 0 } as const;
  running = await startStandalone(options);
  client = apiClient({ baseUrl: running.url });
  const project = await client.call('createProject', {
    body: { prd: { text: shortPrd }, repository: { url: places.repository } },
  });
  parent = (await client.call('startRun', { params: { id: project.id }, body: { maxAgents: 2 } })).id;
  past = await untilEnd(parent);
});

afterAll(async () => {
  await running.stop(1_000);
  await places.remove();
});

describe('a fork of a run that completed', () => {
  it('has the same files wherever it begins, and pays for what was answered later', async () => {
    const moments = [
      // Between the answer and what the planner made of it.
      positionOf(past, 'model.answered', 1),
      // While an agent uses a tool in a work tree with changes that are in no commit.
      positionOf(past, 'tool.called', -3),
      positionOf(past, 'merge.started', 2),
      positionOf(past, 'run.completed'),
    ];
    const forks = await Promise.all(
      moments.map(async (at) => {
        const { id, events } = await forkAt(parent, at);
        // Agents are taken over from those who work on them, and not from a runner that is gone.
        const crashed = events.filter(({ type }) => type === 'agent.crashed').length;
        return [events.at(-1)?.type, answers(events), crashed, await ofBranch(id)];
      }),
    );
    const files = await ofBranch(parent);
    expect(forks).toEqual(moments.map((at) => ['run.completed', answersAfter(past, at), 0, files]));
  });

  it('may be forked again, wherever its own past ends, and leaves those before it as they were', async () => {
    const before = await client.call('getRun', { params: { id: parent } });
    const at = positionOf(past, 'task.completed', 1);
    const first = await forkAt(parent, at);
    const again = positionOf(first.events, 'agent.checkpoint_committed');
    const second = await forkAt(first.id, again);
    expect(second.events.at(-1)?.type).toBe('run.completed');
    expect(await ofBranch(second.id)).toBe(await ofBranch(parent));
    expect(answers(second.events)).toBe(answersAfter(first.events, again));
    expect(await client.call('getRun', { params: { id: parent } })).toEqual(before);
  });

  it('goes on without a task that was dropped, and with what had waited for it', async () => {
    const added = past.filter(({ type }) => type === 'task.added').map(({ data }) => data);
    const tasks = added as { taskId: string; definition: { key: string; dependsOn: string[] } }[];
    const dropped = tasks.find(({ definition: { key } }) =>
      tasks.some(({ definition: { dependsOn } }) => dependsOn.includes(key)),
    );
    const key = dropped?.definition.key ?? '';
    const { id, events } = await forkAt(parent, positionOf(past, 'plan.accepted'), { dropTasks: [key] });
    expect(events.at(-1)?.type).toBe('run.completed');
    const done = events.filter(({ type }) => type === 'task.completed').map(({ data }) => data);
    const completed = new Set((done as { taskId: string }[]).map(({ taskId }) => taskId));
    expect(completed.has(`${id}.${key}`)).toBe(false);
    const waited = tasks.filter(({ definition: { dependsOn } }) => dependsOn.includes(key));
    for (const { definition } of waited) expect(completed).toContain(`${id}.${definition.key}`);
    expect(answers(events)).toBeLessThan(answersAfter(past, positionOf(past, 'plan.accepted')));
  });
});
