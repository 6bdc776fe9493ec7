import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOrganizationId, type OrganizationId } from '@partitura/shared/events';
import { type OperationName, operations } from '@partitura/shared/http';
import { runStory } from '@partitura/shared/http/testing';
import { PartituraError } from '@partitura/shared/runtime';
import { z } from 'zod';
import { type ToldService, toldService } from '../testing/told-service.ts';

const acme = asOrganizationId('acme');
const byDefault = asOrganizationId('default');

let told: ToldService;

/** The same story three times, down to the contents; only acme's run has two tasks more, and a plan of its own. */
const plan = 'f'.repeat(64);
const stories = [
  ...runStory({ projectId: 'p_other', runId: 'r_other', organizationId: asOrganizationId('other') }),
  ...runStory({
    projectId: 'p_acme',
    runId: 'r_acme',
    organizationId: acme,
    tasks: 5,
    deadLetter: true,
    plan,
  }),
  // As in a log from before there were organisations.
  ...runStory({ projectId: 'p_default', runId: 'r_default' }),
];

beforeAll(async () => {
  told = await toldService(stories);
});
afterAll(() => told.stop());

const ask = async (
  name: OperationName,
  organizationId: OrganizationId | null,
  params: object = {},
  query: object = {},
): Promise<unknown> => operations[name].result.parse(await told.ask(name, { params, query, organizationId }));
const items = async (...asked: Parameters<typeof ask>): Promise<readonly { readonly id: string }[]> =>
  z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(await ask(...asked)).items;
const refusal = async (answer: Promise<unknown>) => {
  const error = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PartituraError)) throw new Error('It was not refused.', { cause: error });
  return error;
};

const answered = Object.entries(operations).flatMap(([name, { owner, method, path }]) =>
  owner === 'projections' && method === 'GET' ? [{ name: name as OperationName, path }] : [],
);
/** Of all organisations, and of streams that this story has none of. */
const others: readonly string[] = ['listProjections', 'listAudit'];
const ofOne = answered.filter(({ path }) => path.includes(':id'));
/** Figures and files have tests of their own: what they have of whom is not told by ids. */
const isList = (path: string): boolean => !/^\/(analytics|exports|audit)\b/.test(path);
const ofAll = answered.filter(
  ({ name, path }) => !path.includes(':') && isList(path) && !others.includes(name),
);

const idsOf = (whose: string): Readonly<Record<string, string>> => ({
  projects: `p_${whose}`,
  runs: `r_${whose}`,
  tasks: `r_${whose}.T1`,
  agents: `r_${whose}.T1.a1`,
  approvals: `r_${whose}.ap1`,
});
const resourceIn = (path: string): string => path.split('/')[1] ?? '';

/** Every value of every filter that has a few of them, one at a time. */
const filtersOf = (name: OperationName): readonly object[] => {
  const { query } = operations[name];
  if (!(query instanceof z.ZodObject)) return [];
  return Object.entries(query.shape).flatMap(([field, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    return inner instanceof z.ZodEnum ? inner.options.map((value) => ({ [field]: value })) : [];
  });
};

describe('what belongs to another organisation', () => {
  it.each(ofOne.filter(({ path }) => resourceIn(path) !== 'artifacts'))(
    '$name: is not there, in the very words for what nobody has',
    async ({ name, path }) => {
      const resource = resourceIn(path);
      const id = idsOf('other')[resource];
      const theirs = await refusal(ask(name, acme, { id }));
      const nobodys = await refusal(ask(name, acme, { id: 'nobodys' }));
      expect(theirs.code).toMatch(/^[A-Z]+_NOT_FOUND$/);
      expect({ ...theirs, message: theirs.message }).toEqual({
        ...nobodys,
        message: nobodys.message.replace('nobodys', String(id)),
      });
    },
  );

  it.each(ofAll)('$name: is on no page of any list, and takes no place on one', async ({ name }) => {
    const whole = await items(name, null, {}, { limit: 500 });
    const own = await items(name, acme, {}, { limit: 500 });
    expect(own.length).toBeGreaterThan(0);
    expect(own).toEqual(whole.filter((one) => JSON.stringify(one).includes('_acme')));
    const [first] = await items(name, acme, {}, { limit: 1 });
    expect(first).toEqual(own[0]);
    for (const filter of filtersOf(name))
      expect(await items(name, acme, {}, filter)).toEqual(
        (await items(name, null, {}, filter)).filter((one) => JSON.stringify(one).includes('_acme')),
      );
  });

  it('is seen by who sees the whole installation; what names nobody is the default organisation’s', async () => {
    expect((await items('listRuns', null)).map(({ id }) => id).sort()).toEqual([
      'r_acme',
      'r_default',
      'r_other',
    ]);
    expect((await items('listRuns', byDefault)).map(({ id }) => id)).toEqual(['r_default']);
    expect(await ask('getRun', byDefault, { id: 'r_default' })).toMatchObject({ id: 'r_default' });
    expect(await items('listRuns', asOrganizationId('nobody'))).toEqual([]);
  });
});

describe('an artifact that two organisations have', () => {
  const hashesOf = async (run: string) =>
    new Set((await items('listRunArtifacts', null, { id: run }, { limit: 500 })).map(({ id }) => id));

  it('is each time their own word of it', async () => {
    const [ours, theirs] = [await hashesOf('r_acme'), await hashesOf('r_other')];
    const shared = [...ours].filter((hash) => theirs.has(hash));
    expect(shared.length).toBeGreaterThan(0);
    for (const id of shared) {
      expect(await ask('getArtifact', acme, { id })).toMatchObject({ id, projectId: 'p_acme' });
      expect(await ask('getArtifact', byDefault, { id })).toMatchObject({ id, projectId: 'p_default' });
    }
  });

  it('is not there for the one that has not made it', async () => {
    const id = plan;
    const refused = ask('getArtifact', asOrganizationId('other'), { id });
    await expect(refused).rejects.toMatchObject({
      code: 'ARTIFACT_NOT_FOUND',
      message: `There is no artifact "${id}".`,
    });
    expect(await ask('getArtifact', acme, { id })).toMatchObject({ id });
  });
});

describe('what is one for all organisations', () => {
  it.each(['listProjections', 'rebuildProjection'] as const)(
    '%s is for who sees the whole installation',
    async (name) => {
      const asked = ask(name, acme, { id: 'runs' });
      await expect(asked).rejects.toMatchObject({ code: 'OPERATION_NOT_FOR_ORGANIZATION' });
    },
  );
});
