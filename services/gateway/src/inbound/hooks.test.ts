import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CallContext, OperationHandlers } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { startGateway } from '../testing/gateway-under-test.ts';

const secrets = { github: 'a secret of github', gitlab: 'a secret of gitlab' };
const commit = 'c'.repeat(40);
const workflowRun = (changes: object = {}, repository: object = { id: 7 }) => ({
  repository: { id: 7 },
  workflow_run: {
    name: 'build',
    status: 'completed',
    conclusion: 'success',
    head_branch: 'partitura/r_1',
    head_sha: commit,
    html_url: 'https://github.example/run/1',
    head_repository: repository,
    ...changes,
  },
});
const pipeline = (attributes: object = {}, more: object = {}) => ({
  object_kind: 'pipeline',
  object_attributes: {
    ref: 'partitura-task/r_1.T4.a2',
    status: 'failed',
    sha: commit,
    url: 'https://gitlab.example/1',
    tag: false,
    ...attributes,
  },
  ...more,
});

type Told = { readonly body: object; readonly context: CallContext; readonly runId: string };
const gateways: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
});

const start = async (hooks: { github: string | null; gitlab: string | null } = secrets) => {
  const told: Told[] = [];
  const reportCiResult: OperationHandlers['reportCiResult'] = async ({ params, body }, context) => {
    if (params.id === 'r_gone') throw new PartituraError('RUN_NOT_FOUND', 'There is no such run.');
    if (params.id === 'r_away') throw new PartituraError('STORE_UNREACHABLE', 'The store is away.');
    told.push({ body, context, runId: params.id });
    return { id: params.id, position: '1' };
  };
  const gateway = await startGateway({ operations: { reportCiResult }, hooks });
  gateways.push(gateway);
  const post = (path: string, body: string, headers: Record<string, string>) =>
    fetch(`${gateway.url}/hooks/${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const github = (payload: unknown, event = 'workflow_run', secret = secrets.github) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload, null, 1);
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return post('github', body, { 'x-github-event': event, 'x-hub-signature-256': signature });
  };
  const gitlab = (payload: unknown, token = secrets.gitlab) =>
    post('gitlab', JSON.stringify(payload), { 'x-gitlab-event': 'Pipeline Hook', 'x-gitlab-token': token });
  return { told, post, github, gitlab };
};

describe('hooks of CI systems', () => {
  it('tell a run what GitHub found on its branch, once however often it is sent', async () => {
    const { github, told } = await start();
    for (let time = 0; time < 2; time += 1) {
      const response = await github(workflowRun());
      expect([response.status, await response.json()]).toEqual([202, { reported: ['r_1'] }]);
    }
    expect(told[0]).toMatchObject({
      runId: 'r_1',
      body: { provider: 'github', name: 'build', status: 'passed', taskId: null, commit },
      context: { actor: 'service:github', organizationId: null },
    });
    expect(told[1]?.context.commandId).toBe(told[0]?.context.commandId);
    await github(workflowRun({ conclusion: 'failure' }));
    expect(told[2]?.context.commandId).not.toBe(told[0]?.context.commandId);
  });

  it.each([
    [
      'check_run',
      { check_run: { name: 'lint', status: 'in_progress', check_suite: { head_branch: 'partitura/r_1' } } },
      'running',
    ],
    [
      'check_suite',
      { check_suite: { status: 'completed', conclusion: 'timed_out', head_branch: 'partitura/r_1' } },
      'failed',
    ],
    [
      'check_suite',
      { check_suite: { status: 'completed', conclusion: 'of next year', head_branch: 'partitura/r_1' } },
      'failed',
    ],
    [
      'status',
      {
        state: 'pending',
        context: 'ci/other',
        sha: commit,
        branches: [{ name: 'partitura/r_1' }, { name: 'main' }],
      },
      'running',
    ],
  ])('read %s', async (event, payload, status) => {
    const { github, told } = await start();
    expect((await github(payload, event)).status).toBe(202);
    expect(told).toMatchObject([{ runId: 'r_1', body: { status } }]);
  });

  it('tell a task what GitLab found on its branch', async () => {
    const { gitlab, told } = await start();
    expect((await gitlab(pipeline())).status).toBe(202);
    expect(told).toMatchObject([
      { runId: 'r_1', body: { provider: 'gitlab', taskId: 'r_1.T4', status: 'failed' } },
    ]);
  });

  it('pass over what is not ours: branches, forks, tags, other events, runs of other installations', async () => {
    const { github, gitlab, told } = await start();
    const answers = [
      await github(workflowRun({ head_branch: 'main' })),
      await github(workflowRun({ head_branch: 'partitura/r_1/x' })),
      await github(workflowRun({ head_branch: 'partitura/r_gone' })),
      await github(workflowRun({}, { id: 8 })),
      await github({ zen: 'Keep it logically awesome.' }, 'ping'),
      await github({ check_run: null }, 'check_run'),
      await github([], 'status'),
      await gitlab(pipeline({ tag: true })),
      await gitlab(pipeline({}, { merge_request: { source_project_id: 2, target_project_id: 1 } })),
      await gitlab({ object_kind: 'push' }),
    ];
    for (const answer of answers)
      expect([answer.status, await answer.json()]).toEqual([202, { reported: [] }]);
    expect(told).toEqual([]);
  });

  it('refuse what does not prove itself, and what cannot be read', async () => {
    const { github, gitlab, post, told } = await start();
    const answers = [
      await github(workflowRun(), 'workflow_run', 'another secret'),
      await post('github', JSON.stringify(workflowRun()), { 'x-github-event': 'workflow_run' }),
      await post('github', JSON.stringify(workflowRun()), { 'x-hub-signature-256': 'sha256=00' }),
      await gitlab(pipeline(), `${secrets.gitlab}x`),
      await post('gitlab', JSON.stringify(pipeline()), {}),
    ];
    for (const answer of answers)
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        401,
        'SIGNATURE_REFUSED',
      ]);
    expect((await github('{')).status).toBe(400);
    expect((await github(`{"a":"${'x'.repeat(6_000_000)}"}`)).status).toBe(413);
    expect(
      (await post('github', 'payload=1', { 'content-type': 'application/x-www-form-urlencoded' })).status,
    ).toBe(415);
    expect(told).toEqual([]);
  });

  it('say that they could not be recorded, so that they are sent again', async () => {
    const { github } = await start();
    expect((await github(workflowRun({ head_branch: 'partitura/r_away' }))).status).toBe(503);
  });

  it('are not there without a secret', async () => {
    const { github, gitlab } = await start({ github: null, gitlab: secrets.gitlab });
    expect((await github(workflowRun())).status).toBe(404);
    expect((await gitlab(pipeline())).status).toBe(202);
  });
});
