import { describe, expect, it } from '@jest/globals';
import { next } from '@partitura/agent-runner';
import { runDecider } from '@partitura/orchestrator';
import { nextStep } from '@partitura/planner';
import type { RecordedEvent } from '@partitura/shared/events';
import { blobsOf, endOf, type History, storeOf } from './history.ts';
import { type Changes, replayAll } from './replaying.ts';
import { hashes, names, read } from './testing/recorded.ts';

const replay = (history: History, changes: Changes = {}) =>
  replayAll({ store: storeOf(history), blobs: blobsOf(history) }, history.about.run, endOf(history), changes);

const firstOf = (parts: Awaited<ReturnType<typeof replay>>['parts']) =>
  parts.flatMap(({ divergence }) => divergence ?? []).sort((a, b) => (a.position < b.position ? -1 : 1))[0];

const eventOf = ({ events }: History, matches: (event: RecordedEvent) => boolean): RecordedEvent => {
  const found = events.find(matches);
  if (!found) throw new Error('The history does not show that.');
  return found;
};

describe('what was recorded', () => {
  it.each(names)('would be decided the same today: %s', async (name) => {
    const history = await read(name);
    const { parts, hash } = await replay(history);
    expect(firstOf(parts)).toBeUndefined();
    const counts = parts.flatMap((part) => part.counts);
    // Each event of the run is accounted for, and hardly any is believed.
    const { run } = history.about;
    const own = history.events.filter(({ stream }) => stream.replace(/^[a-z]+-/, '').split('.')[0] === run);
    expect(counts.reduce((sum, { events }) => sum + events, 0)).toBe(own.length);
    expect(counts.reduce((sum, { taken }) => sum + taken, 0)).toBe(0);
    const types = new Set(history.events.map(({ type }) => type));
    expect(history.about.shows.filter((type) => !types.has(type))).toEqual([]);
    expect(hash).toBe(hashes[name]);
  });
});

describe('a change that would decide otherwise about the past', () => {
  it('is found where the run gives up a task sooner, with both sides and what led to it', async () => {
    const history = await read('dead-letters-retried.ndjson.gz');
    const { parts } = await replay(history, {
      run: {
        ...runDecider,
        decide: (command, run) => {
          const policy = run && { ...run.configuration.workflow.policy, maxAttempts: 1 };
          const workflow = run && policy && { ...run.configuration.workflow, policy };
          const changed = run && workflow && { ...run, configuration: { ...run.configuration, workflow } };
          return runDecider.decide(command, changed);
        },
      },
    });
    const failed = eventOf(history, ({ type }) => type === 'task.attempt_failed');
    expect(firstOf(parts)).toMatchObject({
      stream: failed.stream,
      revision: failed.revision,
      position: failed.position,
      recorded: { type: 'task.attempt_failed', data: failed.data },
      decided: { type: 'task.failed' },
      input: { kind: 'event', type: 'agent.finished' },
    });
    expect(parts.map(({ divergences }) => divergences)).toEqual([1, 0, 0]);
  });

  it('is found where a refusal takes the place of a decision', async () => {
    const history = await read('dead-letters-retried.ndjson.gz');
    const { parts } = await replay(history, {
      run: {
        ...runDecider,
        decide: (command, run) =>
          runDecider.decide(command.kind === 'retry_task' ? { ...command, taskId: 'r_x.T1' } : command, run),
      },
    });
    expect(firstOf(parts)).toMatchObject({
      recorded: { type: 'task.retried' },
      decided: null,
      refusal: { code: 'TASK_NOT_FOUND' },
      input: { kind: 'operator', type: 'retry_task' },
    });
  });

  it('is found where a planner skips the architecture', async () => {
    const history = await read('link-shortener.ndjson.gz');
    const { parts } = await replay(history, {
      plan: (state, job) => {
        const step = nextStep(state, job);
        return step.kind === 'ask' && step.purpose === 'architecture' ? { kind: 'finish' } : step;
      },
    });
    const asked = eventOf(
      history,
      ({ type, data }) =>
        type === 'model.requested' && Reflect.get(Object(data), 'purpose') === 'architecture',
    );
    expect(firstOf(parts)).toMatchObject({
      stream: asked.stream,
      revision: asked.revision,
      recorded: { type: 'model.requested', data: { purpose: 'architecture' } },
      decided: { type: 'plan.phase_finished' },
      input: { kind: 'state', type: 'plan.requirements_identified' },
    });
  });

  it('is found where an agent does not look back, in the first agent that did', async () => {
    const history = await read('link-shortener.ndjson.gz');
    const { parts } = await replay(history, {
      agent: (state, assignment, now) => {
        const intent = next(state, assignment, now);
        return intent.kind === 'question' && intent.purpose === 'reflection'
          ? next({ ...state, reflection: 'Nothing.' }, assignment, now)
          : intent;
      },
    });
    const asked = eventOf(
      history,
      ({ type, data }) => type === 'model.requested' && Reflect.get(Object(data), 'purpose') === 'reflection',
    );
    expect(firstOf(parts)).toMatchObject({
      position: asked.position,
      recorded: { type: 'model.requested' },
      decided: { type: 'agent.step_entered', data: { step: 'verify' } },
    });
  });
});

describe('a record that was changed', () => {
  const changed = (
    history: History,
    type: string,
    change: (data: Record<string, unknown>) => object,
  ): History => {
    const target = eventOf(history, (event) => event.type === type);
    const events = history.events.map((event) =>
      event === target ? { ...event, data: change({ ...Object(event.data) }) } : event,
    );
    return { ...history, events };
  };

  it.each([
    ['plan.proposed', 'plan', { tasks: 3 }],
    ['task.scheduled', 'run', { model: 'rehearsal/other' }],
    ['agent.verified', 'agent', { passed: false }],
    ['agent.learning_recorded', 'agent', { learning: 'Another.' }],
    ['merge.queued', 'merge', { branch: 'another' }],
  ])('is found: %s', async (type, category, data) => {
    const name =
      type === 'agent.learning_recorded' ? 'dead-letters-retried.ndjson.gz' : 'link-shortener.ndjson.gz';
    const history = changed(await read(name), type, (before) => ({ ...before, ...data }));
    const { parts } = await replay(history);
    expect(firstOf(parts)).toMatchObject({
      stream: expect.stringMatching(`^${category}-`),
      recorded: { type },
    });
  });

  it('is found where a question was put otherwise', async () => {
    const history = await read('link-shortener.ndjson.gz');
    const asked = eventOf(
      history,
      ({ type, stream }) => type === 'model.requested' && stream.startsWith('agent-'),
    );
    const other = eventOf(
      history,
      ({ type, stream }) =>
        type === 'model.requested' && stream.startsWith('agent-') && stream !== asked.stream,
    );
    const events = history.events.map((event) =>
      event === asked
        ? { ...event, data: { ...Object(event.data), request: Object(other.data).request } }
        : event,
    );
    expect(firstOf((await replay({ ...history, events })).parts)).toMatchObject({
      position: asked.position,
      recorded: { type: 'model.requested' },
      decided: { type: 'model.requested' },
    });
  });
});
