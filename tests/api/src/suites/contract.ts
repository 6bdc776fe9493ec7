import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { type Answer, codeIn } from '../testing/asking.ts';
import { notYet, promisedRoutes, withoutNames } from '../testing/contract.ts';
import {
  type ApiDocument,
  type Parameter,
  type Route,
  readDocument,
  successOf,
} from '../testing/document.ts';
import { models } from '../testing/models.ts';
import { exampleRequests, kindOf, pathOf, type Request } from '../testing/requests.ts';
import { bootstrapKey } from '../testing/server.ts';
import { failedRun, stuckRun } from '../testing/tenant.ts';
import type { StartWorld, World } from '../testing/world.ts';

/** The routes of CONTRACT, each asked what its own example asks, against the API’s own document. */
export const describeContract = (start: StartWorld): void => {
  let world: World;
  let document: ApiDocument;
  let requestOf: (route: Route) => Request;
  let instead: Readonly<Record<string, Partial<Request>>>;
  beforeAll(async () => {
    world = await start({ PARTITURA_AUTH: 'required' });
    const { busy, server, consumer } = world;
    document = await readDocument(server.ask, bootstrapKey);
    const { has, repository } = busy;
    const [first, retried, reopened, approved, stuck, asking] = await Promise.all([
      busy.until(has.run, 'run.started'),
      failedRun(busy),
      failedRun(busy),
      failedRun(busy),
      stuckRun(busy),
      busy.start({ rehearse: true }),
    ]);
    const { position: now } = await busy.until(asking, 'approval.requested');
    const positions = { earlier: first.position, now };
    requestOf = exampleRequests(document, has, positions);
    const api = '/api/v1';
    const tasks = async (run: string, after: string, status: string): Promise<string> => {
      const { items } = await busy.client.call('listRunTasks', {
        params: { id: run },
        query: { after, status: status as 'dead_letter' },
      });
      const ids = items.filter(({ kind }) => kind !== 'epic').map(({ id }) => id);
      return ids.at(-1) ?? `no ${status} task`;
    };
    const dead = ({ run, position }: typeof retried) => tasks(run, position, 'dead_letter');
    const pending = await tasks(stuck.run, stuck.position, 'pending');
    instead = {
      createProject: {
        body: {
          prd: { text: 'A command that prints the tides of a harbour.' },
          repository: { url: repository },
        },
      },
      exportRunBundle: { path: `${api}/runs/${retried.run}/bundle` },
      startRun: { body: { rehearse: true, planOnly: true } },
      forkRun: { body: { at: first.position } },
      pauseRun: { path: `${api}/runs/${stuck.run}/pause` },
      resumeRun: { path: `${api}/runs/${stuck.run}/resume` },
      retryTask: { path: `${api}/tasks/${await dead(retried)}/retry`, body: { model: models.silent } },
      retryRun: { path: `${api}/runs/${reopened.run}/retry`, body: { model: models.silent } },
      approveTask: { path: `${api}/tasks/${await dead(approved)}/approve` },
      cancelTask: { path: `${api}/tasks/${pending}/cancel` },
      replanRun: { path: `${api}/runs/${stuck.run}/replan` },
      messageAgent: { path: `${api}/agents/${stuck.agent}/messages` },
      interruptAgent: { path: `${api}/agents/${stuck.agent}/interrupt` },
      denyApproval: { path: `${api}/approvals/${asking}.plan1/deny` },
      getWorkflowVersion: { path: `${api}/workflows/${has.workflow}/versions/1` },
      cancelRun: { path: `${api}/runs/${stuck.run}/cancel` },
      createApiKey: { body: { name: 'ci', role: 'operator', expiresAt: '2096-01-01T00:00:00.000Z' } },
      createOrganization: { body: { name: 'Acme', id: 'acme' } },
      changeWebhook: { body: { enabled: true, types: ['run.failed'] } },
      createWebhook: { body: { url: consumer.url, types: ['run.completed'] } },
      addMember: { body: { id: 'eve@example.com', role: 'viewer' } },
      publishWorkflow: { body: { ...architectPlanSwarm, name: 'our-way', version: 1 } },
    };
  });
  afterAll(() => world.stop());

  /** With what came before each: the rest comes before all of these, in the order of the document. */
  const last = [
    // While the agent is surely at work: what it knows may be retracted, and its work be done again.
    'messageAgent',
    'interruptAgent',
    'forkRun',
    // From here on the project has a budget, which the runs that go on have set aside.
    'updateProject',
    'pauseRun',
    'resumeRun',
    'pauseProject',
    'resumeProject',
    'reviseProjectPrd',
    'replanRun',
    'cancelTask',
    'retryTask',
    'retryRun',
    'approveTask',
    'rejectTask',
    'grantApproval',
    'denyApproval',
    'retractKnowledge',
    'cancelRun',
    'cancelProject',
    'testWebhook',
    'redeliverWebhook',
    'removeWebhook',
    'removeMember',
    'archiveProject',
    'removeProject',
    'revokeApiKey',
  ];
  const turn = ({ method, operationId }: Route): number =>
    method === 'get' ? -2 : last.indexOf(operationId);

  /** Only for who runs the installation. */
  const ofInstallation = ['createOrganization', 'listProjections', 'rebuildProjection', 'changeOrganization'];

  /** Their examples have no body: see `bundles.test.ts` of standalone. */
  const takeFiles = ['verifyBundle', 'importBundle'];

  const answerOf = async (route: Route): Promise<Answer> => {
    const { path, body } = { ...requestOf(route), ...instead[route.operationId] };
    const key = ofInstallation.includes(route.operationId) ? bootstrapKey : world.busy.keys.owner.secret;
    return world.server.ask(route.method, path, { key, ...(route.body ? { body: body ?? {} } : {}) });
  };

  const json = { 'content-type': 'application/json' };
  const queryOf = (path: string) => [...new URL(path, 'http://server').searchParams];

  it('every operation does what its example asks for, and answers in the shape that is described', async () => {
    const faults: unknown[] = [];
    const routes = document.routes.filter(({ operationId }) => !takeFiles.includes(operationId));
    for (const route of routes.toSorted((left, right) => turn(left) - turn(right))) {
      const answer = await answerOf(route);
      const fault =
        answer.status === successOf(route)
          ? document.faultsIn(route, answer.status, answer.json)
          : answer.text.slice(0, 500);
      if (fault !== null) faults.push([route.operationId, answer.status, fault]);
    }
    expect(faults).toEqual([]);
    expect(world.server.errors).toEqual([]);
  });

  const problem = (answer: Answer) => [
    answer.status,
    codeIn(answer),
    document.problemFaults(answer.json),
    answer.type,
  ];
  const refusal = (status: number, code: unknown) => [
    status,
    code,
    null,
    expect.stringMatching(/^application\/problem\+json/),
  ];

  /** What is wrong with how a route refuses what cannot be. */
  const faultsInRefusalsOf = async (route: Route): Promise<readonly unknown[]> => {
    const { keys } = world.busy;
    const { path, body } = { ...requestOf(route), ...instead[route.operationId] };
    const sent = route.body ? { body: body ?? {} } : {};
    const faults: unknown[] = [];
    const refuses = async (
      key: string | undefined,
      to: string,
      more: object,
      status: number,
      code: unknown,
    ) => {
      const answer = await world.server.ask(route.method, to, { key, ...more });
      try {
        expect(problem(answer)).toEqual(refusal(status, code));
      } catch {
        faults.push([route.operationId, status, answer.status, answer.text.slice(0, 300)]);
      }
    };
    await refuses(undefined, path, sent, 401, 'KEY_REQUIRED');
    await refuses(`${keys.viewer.secret}x`, path, sent, 401, 'KEY_UNKNOWN');
    if (route.role !== 'viewer') await refuses(keys.viewer.secret, path, sent, 403, 'ROLE_TOO_LOW');
    const { secret } = keys.owner;
    await refuses(secret, `${path}${path.includes('?') ? '&' : '?'}nonsense=1`, sent, 400, 'BAD_REQUEST');
    if (route.body) await refuses(secret, path, { raw: '{', headers: json }, 400, 'MALFORMED_JSON');
    const named = route.parameters.some((one) => one.in === 'path' && kindOf(route, one.name) !== null);
    const elsewhere = ({ name }: Parameter) => (kindOf(route, name) === null ? '1' : 'nothing0here');
    const nowhere = pathOf(route, elsewhere, queryOf(path));
    if (named) await refuses(secret, nowhere, sent, 404, expect.stringMatching(/_NOT_FOUND$/));
    return faults;
  };

  it('every operation says in the same shape who asks in vain, and for what', async () => {
    const faults: unknown[] = [];
    for (const route of document.routes) faults.push(...(await faultsInRefusalsOf(route)));
    expect(faults).toEqual([]);
    expect(world.server.errors).toEqual([]);
  });

  it('every route of the contract is there', () => {
    const there = new Set(
      document.routes.map(
        ({ method, path }) => `${method.toUpperCase()} ${withoutNames(path.replace('/api/v1', ''))}`,
      ),
    );
    const missing = promisedRoutes.filter((route) => !there.has(route));
    expect(missing.filter((route) => !notYet.some((pattern) => pattern.test(route)))).toEqual([]);
    expect(notYet.filter((pattern) => !missing.some((route) => pattern.test(route)))).toEqual([]);
  });
};
