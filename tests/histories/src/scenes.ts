import { rehearsalModel } from '@partitura/shared/models';
import {
  respondWith,
  serves,
  startAnthropicServer,
  startOpenAiServer,
  type WireServer,
} from '@partitura/shared/models/testing/servers';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { begin, examplePrd, type Scene, shortPrd, until } from './staging.ts';

const ends = ['run.completed', 'run.failed', 'run.stopped', 'run.cancelled'];

/** Of servers that stand in for providers: closed when the program of the scene is through. */
export const servers: WireServer[] = [];

const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');

const refusing = () => {
  let willing = false;
  return {
    relent: () => {
      willing = true;
    },
    environment: async () => {
      const server = await startOpenAiServer({
        respond: (served) =>
          served.request.answer || willing ? rehearsed(served) : serves.refusal('I will not.'),
      });
      servers.push(server);
      return {
        OPENAI_API_KEY: 'a-key-of-a-history-0815',
        OPENAI_BASE_URL: server.url,
        PARTITURA_MODEL: 'openai/gpt-6-sol',
      };
    },
  };
};

const unwilling = refusing();

export const scenes: Readonly<Record<string, Scene>> = {
  'link-shortener': {
    about: 'A rehearsal of the link shortener, from the PRD to the merged branch.',
    shows: ['run.completed', 'merge.completed', 'agent.verified', 'plan.proposed'],
    play: async (stage) => {
      const { run } = await begin(stage, await examplePrd('link-shortener'));
      await until(stage.client, run, ends);
      return run;
    },
  },
  'dead-letters-retried': {
    about:
      'A model refuses; tasks fail, are tried again and end in the dead letters; an operator has all of them tried again.',
    shows: [
      'task.attempt_failed',
      'task.failed',
      'task.dead_lettered',
      'task.blocked',
      'task.due',
      'task.retried',
      'task.unblocked',
      'run.failed',
      'agent.learning_recorded',
      'run.completed',
    ],
    environment: unwilling.environment,
    play: async (stage) => {
      const policy = { ...architectPlanSwarm.policy, maxAttempts: 2, backoff: { baseMs: 100, maxMs: 200 } };
      const workflow = { ...architectPlanSwarm, name: 'two-tries', policy };
      const { run } = await begin(stage, shortPrd, { workflow });
      await until(stage.client, run, ['run.failed']);
      unwilling.relent();
      await stage.client.call('retryRun', { params: { id: run }, body: {} });
      await until(stage.client, run, ['run.completed']);
      return run;
    },
  },
  'paused-resumed-cancelled': {
    about:
      'An operator pauses the run, the program is stopped and started, the run goes on, and is cancelled in the middle.',
    shows: ['run.paused', 'agent.released', 'run.resumed', 'agent.resumed', 'run.cancelled'],
    play: async (stage) => {
      const { run } = await begin(stage, shortPrd);
      const params = { id: run };
      await until(stage.client, run, ['tool.called']);
      await stage.client.call('pauseRun', { params, body: { reason: 'Lunch.' } });
      await until(stage.client, run, ['agent.released']);
      const client = await stage.restart(5_000);
      await client.call('resumeRun', { params });
      await until(client, run, ['merge.completed']);
      await client.call('cancelRun', { params, body: { reason: 'Enough.' } });
      await until(client, run, ['run.cancelled']);
      return run;
    },
  },
  replanned: {
    about:
      'The PRD is edited in the middle; what is merged stays, what is new is planned and done, and a task’s checks are run again.',
    shows: [
      'run.replan_requested',
      'run.replan_started',
      'run.replanned',
      'gate.evaluated',
      'merge.rechecked',
    ],
    play: async (stage) => {
      const { client } = stage;
      const { project, run } = await begin(stage, shortPrd, { maxAgents: 1 });
      const done = await until(client, run, ['task.completed']);
      const text = `${shortPrd.trimEnd()}\n- Everything that was counted is exported as a CSV file.\n`;
      await client.call('reviseProjectPrd', { params: { id: project }, body: { text } });
      await client.call('replanRun', { params: { id: run } });
      await until(client, run, ends);
      const { taskId } = done.data as { readonly taskId: string };
      await client.call('runTaskChecks', { params: { id: taskId } });
      await until(client, run, ['gate.evaluated']);
      return run;
    },
  },
  'budget-exhausted': {
    about: 'Calls cost money, agents ask for more of it, and the run stops when none is left.',
    shows: ['budget.requested', 'budget.reserved', 'budget.exhausted', 'run.stopped'],
    environment: async () => {
      const server = await startAnthropicServer({ respond: rehearsed });
      servers.push(server);
      return {
        ANTHROPIC_API_KEY: 'a-key-of-a-history-0815',
        ANTHROPIC_BASE_URL: server.url,
        PARTITURA_MODEL: 'anthropic/claude-sonnet-5-5',
      };
    },
    play: async (stage) => {
      const { run } = await begin(stage, await examplePrd('link-shortener'), {
        budget: { usd: 0.4, onExceed: 'stop' },
        maxAgents: 4,
      });
      await until(stage.client, run, ends);
      return run;
    },
  },
  forked: {
    about:
      'A run that was forked in the middle of its work, and again from what became of that, and went on to its end.',
    shows: ['run.forked', 'run.completed', 'merge.completed'],
    play: async (stage) => {
      const { client } = stage;
      const { run } = await begin(stage, shortPrd);
      const middle = await until(client, run, ['merge.queued']);
      await until(client, run, ends);
      const first = await client.call('forkRun', { params: { id: run }, body: { at: middle.position } });
      const later = await until(client, first.id, ['task.completed']);
      await until(client, first.id, ends);
      const second = await client.call('forkRun', { params: { id: first.id }, body: { at: later.position } });
      await until(client, second.id, ends);
      return second.id;
    },
  },
  interrupted: {
    about:
      'The program is stopped twice without any time to end, while it plans and while agents act, and goes on by itself.',
    shows: ['agent.resumed', 'run.completed'],
    play: async (stage) => {
      const { run } = await begin(stage, shortPrd);
      await until(stage.client, run, ['plan.requirements_identified']);
      const second = await stage.restart(0);
      await until(second, run, ['tool.returned'], 2);
      const third = await stage.restart(0);
      await until(third, run, ends);
      return run;
    },
  },
};
