import { projectionsService } from '@partitura/projections';
import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import type { ApiClient, CallContext } from '@partitura/shared/http';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';

const context: CallContext = {
  actor: 'user:test',
  correlationId: 'test',
  commandId: 'test',
  expectedRevision: null,
};
const all = { limit: 500 };

/** What the API says of a run, from the read models that are served. */
export const servedOf = async (client: ApiClient, runId: string, after: string) => {
  const params = { id: runId };
  return {
    run: await client.call('getRun', { params, query: { after } }),
    tasks: await client.call('listRunTasks', { params, query: { ...all, after } }),
    agents: await client.call('listRunAgents', { params, query: { ...all, after } }),
    artifacts: await client.call('listRunArtifacts', { params, query: { ...all, after } }),
    approvals: await client.call('listRunApprovals', { params, query: { ...all, after } }),
    cost: await client.call('getRunCost', { params, query: { after } }),
    history: await client.call('getRunHistory', { params, query: { ...all, after } }),
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
    const { operations } = service;
    const params = { id: runId };
    const read = { params, query: {}, body: null };
    const list = { params, query: all, body: null };
    const {
      getRun,
      listRunTasks,
      listRunAgents,
      listRunArtifacts,
      listRunApprovals,
      getRunCost,
      getRunHistory,
    } = operations;
    if (
      !(
        getRun &&
        listRunTasks &&
        listRunAgents &&
        listRunArtifacts &&
        listRunApprovals &&
        getRunCost &&
        getRunHistory
      )
    )
      throw new Error('The projections do not answer what they own.');
    return {
      run: await getRun(read, context),
      tasks: await listRunTasks(list, context),
      agents: await listRunAgents(list, context),
      artifacts: await listRunArtifacts(list, context),
      approvals: await listRunApprovals(list, context),
      cost: await getRunCost(read, context),
      history: await getRunHistory(list, context),
    };
  } finally {
    for (const component of service.components) await component.stop(1_000);
    await readModels.close();
  }
};
