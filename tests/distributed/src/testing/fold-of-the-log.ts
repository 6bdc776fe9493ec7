import { projectionsService } from '@partitura/projections';
import type { BlobStore } from '@partitura/shared/blobs';
import type { EventStore } from '@partitura/shared/event-store';
import { type ApiClient, type CallContext, type OperationName, operations } from '@partitura/shared/http';
import { openSqliteReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { z } from 'zod';
import { inProcessCaller } from '../../../../services/gateway/src/operation-caller.ts';

const context: CallContext = {
  actor: 'user:test',
  organizationId: null,
  correlationId: 'test',
  commandId: 'test',
  expectedRevision: null,
};
const page = z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() });
type Page = z.infer<typeof page>;

type NextPage = { readonly limit: number; readonly cursor?: string };

/** All pages of a list: cursors are the engine's own, what they lead to is not. */
const everyItem = async (ask: (next: NextPage) => Promise<Page>): Promise<readonly unknown[]> => {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const found: Page = await ask({ limit: 500, ...(cursor === null ? {} : { cursor }) });
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

/** What the projections would answer, had they only the log: read models of their own, folded from it in memory. */
export interface FoldedLog {
  /** As the gateway hands it on: the input gets its defaults. Waits until all there is has been folded. */
  ask(
    name: OperationName,
    input: { readonly [Part in 'params' | 'query' | 'body']?: unknown },
  ): Promise<unknown>;
  /** The same as `servedOf`. */
  run(runId: string): Promise<Readonly<Record<keyof Awaited<ReturnType<typeof servedOf>>, unknown>>>;
  close(): Promise<void>;
}

export const foldTheLog = async (store: EventStore, blobs: BlobStore): Promise<FoldedLog> => {
  const readModels = openSqliteReadModels({ path: ':memory:' });
  const service = projectionsService({ store, readModels, blobs, clock: systemClock, logger: silentLogger });
  for (const component of service.components) await component.start();
  const caller = inProcessCaller([service]);

  const ask: FoldedLog['ask'] = async (name, { params = {}, query = {}, body = null }) => {
    await service.waitFor(await store.head(), 60_000);
    const operation = operations[name];
    const input = {
      params: operation.params.parse(params),
      query: operation.query.parse(query),
      body: operation.body === null ? null : operation.body.parse(body),
    };
    return caller.call(name, input, context);
  };

  const run: FoldedLog['run'] = async (runId) => {
    const params = { id: runId };
    const list = (name: OperationName) =>
      everyItem(async (query) => page.parse(await ask(name, { params, query })));
    return {
      run: await ask('getRun', { params }),
      cost: await ask('getRunCost', { params }),
      tasks: await list('listRunTasks'),
      agents: await list('listRunAgents'),
      artifacts: await list('listRunArtifacts'),
      approvals: await list('listRunApprovals'),
      history: await list('getRunHistory'),
    };
  };

  return {
    ask,
    run,
    close: async () => {
      for (const component of service.components) await component.stop(1_000);
      await readModels.close();
    },
  };
};
