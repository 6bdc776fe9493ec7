import { join } from 'node:path';
import { type ApiClient, apiClient, type CloudEvent, type Role } from '@partitura/shared/http';
import { createRepository } from '@partitura/shared/repositories';
import { architectPlanSwarm, type Workflow } from '@partitura/shared/workflows';
import { type Answer, fieldIn, itemsIn } from './asking.ts';
import { models } from './models.ts';
import { bootstrapKey, type Server } from './server.ts';

export interface Key {
  readonly id: string;
  readonly secret: string;
}

/** What an organisation has, one of each kind: the id that a path or a filter would name it by. */
export interface Belongings {
  readonly project: string;
  /** Completed. */
  readonly run: string;
  /** Waits for `approval`. */
  readonly waiting: string;
  readonly task: string;
  readonly agent: string;
  readonly approval: string;
  readonly artifact: string;
  readonly node: string;
  readonly webhook: string;
  readonly delivery: string;
  readonly key: string;
  readonly organization: string;
  readonly member: string;
  readonly subject: string;
  readonly workflow: string;
}

export interface Tenant {
  readonly organization: string;
  readonly keys: Readonly<Record<Role, Key>>;
  readonly project: string;
  /** With the key of its owner. */
  readonly client: ApiClient;
  readonly repository: string;
  /** Starts a run of the project. */
  start(body: Readonly<Record<string, unknown>>): Promise<string>;
  until(run: string, ...types: readonly string[]): Promise<CloudEvent>;
}

export interface BusyTenant extends Tenant {
  readonly has: Belongings;
}

/** The smallest thing that is planned as a whole. What two organisations write alike would be one artifact. */
const tinyPrd = (organization: string): string => `A command that prints the weather of ${organization}.\n`;

/** Whoever runs it is asked whether the plan is good; who fails once is not asked again. */
const carefulWorkflow = (name: string): Omit<Workflow, 'version'> => ({
  name,
  description: 'Asks before anything is done.',
  phases: architectPlanSwarm.phases
    .filter(({ act }) => act.kind === 'plan' || act.kind === 'tasks')
    .map((phase) =>
      phase.act.kind === 'plan' ? { ...phase, act: { kind: 'plan', approval: true } } : phase,
    ),
  policy: { ...architectPlanSwarm.policy, maxAttempts: 1 },
});

/** The same without the question. */
export const boldWorkflow: Workflow = {
  ...carefulWorkflow('bold'),
  version: 1,
  phases: architectPlanSwarm.phases.filter(({ act }) => act.kind === 'plan' || act.kind === 'tasks'),
};

const made = (answer: Answer): Answer => {
  if (answer.status < 300) return answer;
  throw new Error(`${answer.status} ${answer.text}`);
};

const makeKeys = async ({ ask }: Server, organization: string): Promise<Record<Role, Key>> => {
  const make = async (role: Role): Promise<Key> => {
    const body = { name: `The ${role}'s`, role };
    const answer = made(await ask('POST', '/api/v1/api-keys', { key: bootstrapKey, organization, body }));
    return { id: fieldIn(answer, 'id'), secret: fieldIn(answer, 'secret') };
  };
  const [viewer, operator, admin, owner] = [
    await make('viewer'),
    await make('operator'),
    await make('admin'),
    await make('owner'),
  ];
  return { viewer, operator, admin, owner };
};

/** An organisation with its keys and a project, and nothing done in it yet. */
export const foundTenant = async (server: Server, organization: string) => {
  const { ask, directory, url } = server;
  made(
    await ask('POST', '/api/v1/organizations', {
      key: bootstrapKey,
      body: { id: organization, name: organization },
    }),
  );
  const keys = await makeKeys(server, organization);
  const { secret: key } = keys.owner;
  const post = async (path: string, body?: unknown): Promise<Answer> =>
    made(await ask('POST', `/api/v1${path}`, { key, ...(body === undefined ? {} : { body }) }));
  const repository = join(directory, 'repositories', organization);
  await createRepository(repository, {
    files: { 'README.md': '# Weather\n' },
    message: 'Begin',
    identity: { name: 'A person', email: 'person@example.com' },
  });
  const workflow = `careful-${organization}`;
  await post('/workflows', carefulWorkflow(workflow));
  const body = {
    name: `Weather of ${organization}`,
    prd: { text: tinyPrd(organization) },
    repository: { url: repository },
    workflow,
  };
  const project = fieldIn(await post('/projects', body), 'id');
  const client = apiClient({ baseUrl: url, apiKey: key });
  const until = async (run: string, ...types: readonly string[]): Promise<CloudEvent> => {
    for await (const event of client.events({ runId: run, after: '' }))
      if (types.includes(event.type)) return event;
    throw new Error(`The events ended before ${types.join(' or ')}.`);
  };
  const start = async (options: Readonly<Record<string, unknown>>): Promise<string> =>
    fieldIn(await post(`/projects/${project}/runs`, options), 'id');
  return { organization, keys, key, post, repository, workflow, project, client, until, start };
};

/** An organisation that has one of everything. */
export const foundBusyTenant = async (
  server: Server,
  organization: string,
  hook: string,
): Promise<BusyTenant> => {
  const base = await foundTenant(server, organization);
  const { keys, key, post, workflow, project, until, start } = base;
  const first = async (path: string, after: string, field = 'id'): Promise<string> => {
    const query = `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`;
    const [item] = itemsIn(made(await server.ask('GET', `/api/v1${path}${query}`, { key })));
    const value = item?.[field];
    if (typeof value === 'string') return value;
    throw new Error(`${path} has nothing.`);
  };
  const [run, waiting] = [await start({ rehearse: true }), await start({ rehearse: true })];
  const webhook = fieldIn(await post('/webhooks', { url: hook, types: ['run.completed'] }), 'id');
  const delivery = fieldIn(await post(`/webhooks/${webhook}/test`), 'id');
  const member = `ada@${organization}.example`;
  await post(`/organizations/${organization}/members`, { id: member, role: 'operator' });
  const somebody = { identifiers: [`captain@${organization}.example`] };
  const subject = fieldIn(await post('/subjects', somebody), 'id');
  const asked = await until(run, 'approval.requested');
  const [question] = itemsIn(
    made(await server.ask('GET', `/api/v1/runs/${run}/approvals?after=${asked.position}`, { key })),
  );
  await post(`/approvals/${String(question?.id)}/grant`);
  const { position } = await until(run, 'run.completed', 'run.failed');
  const { position: waits } = await until(waiting, 'approval.requested');
  const task = await first(`/runs/${run}/agents`, position, 'taskId');
  await post(`/tasks/${task}/comments`, { text: `Of ${organization}.` });
  const known = {
    projectId: project,
    kind: 'decision',
    content: `Temperatures of ${organization} are Celsius.`,
  };
  const node = await post('/knowledge/nodes', known);
  const has: Belongings = {
    project,
    run,
    waiting,
    task,
    agent: await first(`/runs/${run}/agents`, position),
    approval: await first(`/runs/${waiting}/approvals`, waits),
    artifact: await first(`/runs/${run}/artifacts`, position),
    node: fieldIn(node, 'id'),
    webhook,
    delivery,
    key: keys.operator.id,
    organization,
    member,
    subject,
    workflow,
  };
  // Read once, so that what searches it finds it.
  await first(`/knowledge/nodes?projectId=${project}`, fieldIn(node, 'position'));
  return { ...base, has };
};

/** A run whose only ready task was given up, with its position. */
export const failedRun = async ({ start, until }: Tenant): Promise<{ run: string; position: string }> => {
  const run = await start({ workflow: boldWorkflow, model: models.unwilling });
  const { position } = await until(run, 'run.failed');
  return { run, position };
};

/** A run at one of whose tasks an agent sits for ever, with the agent's id and the position of its first event. */
export const stuckRun = async ({
  start,
  until,
}: Tenant): Promise<{ run: string; agent: string; position: string }> => {
  const run = await start({ workflow: boldWorkflow, model: models.silent });
  const { subject, position } = await until(run, 'agent.spawned');
  return { run, agent: subject.replace(/^agent-/, ''), position };
};
