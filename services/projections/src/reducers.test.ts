import { describe, expect, it } from '@jest/globals';
import { streamName } from '@partitura/shared/events';
import { type Happening, runStory } from '@partitura/shared/http/testing';
import { approvals } from './approvals/approvals.ts';
import { artifacts, presentArtifact } from './artifacts/artifacts.ts';
import { comments } from './comments/comments.ts';
import { costs, presentCost } from './costs/costs.ts';
import { history } from './history/history.ts';
import { presentProject, projects } from './projects/projects.ts';
import { given, upTo } from './testing/fold.ts';

const story = runStory({ tasks: 2 });

describe('a project', () => {
  const after = async (happenings: readonly Happening[]) => {
    const project = (await given(projects, happenings)).get('p_1');
    return project && presentProject(project);
  };
  const project = (event: Happening['event']): Happening => ({
    stream: streamName('project', 'p_1'),
    event,
    projectId: 'p_1',
    runId: null,
  });

  it.each([
    ['project.created', { status: 'ready', runs: 0, lastRunId: null, prdRevision: 1, budget: { usd: 5 } }],
    ['project.run_requested', { status: 'running', runs: 1, lastRunId: 'r_1' }],
    ['project.completed', { status: 'completed' }],
  ] as const)('after %s', async (type, expected) => {
    expect(await after(upTo(story, type))).toMatchObject(expected);
  });

  it('failed when its last run failed', async () => {
    expect(await after(runStory({ deadLetter: true }))).toMatchObject({ status: 'failed' });
  });

  it('takes a new name, a new PRD and new limits', async () => {
    const prd = {
      name: 'NEW.md',
      title: 'Another',
      words: 9,
      content: { hash: 'e'.repeat(64), size: 1, preview: '', contentType: 'text/markdown' },
    };
    const changed = await after([
      ...upTo(story, 'project.created'),
      project({ type: 'project.configured', data: { name: 'Other', budget: null } }),
      project({ type: 'project.prd_revised', data: { prd, prdRevision: 2 } }),
    ]);
    expect(changed).toMatchObject({
      name: 'Other',
      budget: null,
      title: 'Another',
      prdRevision: 2,
      revision: 2,
    });
  });

  it('stays archived, whatever its runs still say', async () => {
    const archived = [...upTo(story, 'run.created'), project({ type: 'project.archived', data: {} })];
    const started = upTo(story, 'run.started').slice(-1);
    expect(await after([...archived, ...started])).toMatchObject({ status: 'archived' });
  });

  it('sums up what its runs cost', async () => {
    expect((await after(story))?.usage).toMatchObject({ inputTokens: 2_500, costUsd: 0.0075 });
  });
});

describe('costs', () => {
  it('are told by model, phase and agent type, and add up', async () => {
    const document = (await given(costs, story)).get('r_1');
    const cost = document && presentCost(document);
    expect(cost).toMatchObject({
      total: { inputTokens: 2_500, costUsd: 0.0075, calls: 4 },
      byModel: [{ key: 'rehearsal/small' }],
      byPhase: [
        { key: 'executor', usage: { inputTokens: 1_500 } },
        { key: 'planner', usage: { inputTokens: 1_000 } },
      ],
      byAgentType: [
        { key: 'eng-backend', usage: { inputTokens: 1_500 } },
        { key: 'planner', usage: { inputTokens: 1_000 } },
      ],
    });
    expect(document?.agentTypes).toEqual({});
  });
});

describe('an approval', () => {
  it('is pending, then decided by somebody', async () => {
    expect((await given(approvals, upTo(story, 'approval.requested'))).get('r_1.ap1')).toMatchObject({
      status: 'pending',
      decidedBy: null,
    });
    expect((await given(approvals, story)).get('r_1.ap1')).toMatchObject({
      status: 'granted',
      decidedBy: 'user:teller',
    });
  });
});

describe('a comment', () => {
  it('has an author', async () => {
    const all = [...(await given(comments, story)).values()];
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({ taskId: 'r_1.T1', author: 'user:teller', text: 'About T1.' });
  });
});

describe('artifacts', () => {
  it('are named by their content, once per run and project', async () => {
    const all = [...(await given(artifacts, story)).values()].map(presentArtifact);
    const prds = all.filter(({ kind }) => kind === 'prd');
    expect(prds.map(({ runId }) => runId)).toEqual([null, 'r_1']);
    expect(new Set(prds.map(({ id }) => id)).size).toBe(1);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(
      new Set(['prd', 'prompt', 'answer', 'plan', 'tool_result']),
    );
  });
});

describe('history', () => {
  it('has every event, in the order of the ids, with what it is about', async () => {
    const all = await given(history, story);
    expect(all.size).toBe(story.length);
    expect([...all.keys()].sort()).toEqual([...all.keys()]);
    const called = [...all.values()].find(({ type }) => type === 'tool.called');
    expect(called).toMatchObject({ projectId: 'p_1', runId: 'r_1', taskId: 'r_1.T1', agentId: 'r_1.T1.a1' });
    expect(called?.event).toMatchObject({ specversion: '1.0', subject: 'agent-r_1.T1.a1', dataversion: 1 });
  });
});
