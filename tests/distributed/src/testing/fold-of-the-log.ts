import { projectionsService } from '@partitura/projections';
import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { ApiClient, CallContext } from '@partitura/shared/http';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';

const context: CallContext = {
  actor: 'user:test',
  organizationId: null,
  correlationId: 'test',
  commandId: 'test',
  expectedRevision: null,
};
interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

type NextPage = { readonly limit: number; readonly cursor?: string };

/** All pages of a list: cursors are the engine's own, what they lead to is not. */
const everyItem = async (page: (next: NextPage) => Promise<Page>): Promise<readonly unknown[]> => {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const found: Page = await page({ limit: 500, ...(cursor === null ? {} : { cursor }) });
    items.push(...found.items);
    cursor = found.nextCursor;
  } while (cursor !== null);
  return items;
};

/** What the API says of a run, from the read models that are served. */
export const servedOf = async (client: ApiClient, runId: string, after: string) => {
  const params = { id: runId };
  return {
    run: await client.call('getRun', { params, query: { after } }),
    cost: await client.call('getRunCost', { params, query: { after } }),
    tasks: await everyItem((next) => client.call('listRunTasks', { params, query: { ...next, after } })),
    agents: await everyItem((next) => client.call('listRunAgents', { params, query: { ...next, after } })),
    artifacts: await everyItem((next) =>
      client.call('listRunArtifacts', { params, query: { ...next, after } }),
    ),
    approvals: await everyItem((next) =>
      client.call('listRunApprovals', { params, query: { ...next, after } }),
    ),
    history: await everyItem((next) => client.call('getRunHistory', { params, query: { ...next, after } })),
  };
};

/** The same, from read models that are folded from the log now, by themselves, in memory. */
export const foldedOf = async (
  store: EventStore,
  blobs: BlobStore,
  runId: string,
): Promise<Awaited<ReturnType<typeof servedOf>>> => {
  const readModels = openSqliteReadModels({ path: ':memory:' });
  const service = projectionsService({ store, readModels, blobs, clock: systemClock, logger: silentLogger });
  for (const component of service.components) await component.start();
  try {
    await service.waitFor(await store.head(), 60_000);
    const {
      getRun,
      getRunCost,
      listRunTasks,
      listRunAgents,
      listRunArtifacts,
      listRunApprovals,
      getRunHistory,
    } = service.operations;
    if (
      !(
        getRun &&
        getRunCost &&
        listRunTasks &&
        listRunAgents &&
        listRunArtifacts &&
        listRunApprovals &&
        getRunHistory
      )
    )
      throw new Error('The projections do not answer what they own.');
    const params = { id: runId };
    const read = { params, query: {}, body: null };
    const list = (next: NextPage) => ({ params, query: next, body: null });
    return {
      run: await getRun(read, context),
      cost: await getRunCost(read, context),
      tasks: await everyItem((next) => listRunTasks(list(next), context)),
      agents: await everyItem((next) => listRunAgents(list(next), context)),
      artifacts: await everyItem((next) => listRunArtifacts(list(next), context)),
      approvals: await everyItem((next) => listRunApprovals(list(next), context)),
      history: await everyItem((next) =>
        getRunHistory({ params, query: { ...next, order: 'ascending' }, body: null }, context),
      ),
    };
  } finally {
    for (const component of service.components) await component.stop(1_000);
    await readModels.close();
  }
};
