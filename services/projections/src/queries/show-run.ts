import type { RunResource } from '@partitura/shared/http';
import type { Query } from '@partitura/shared/read-models';
import { presentRun } from '../runs/present-run.ts';
import type { RunDocument } from '../runs/runs.ts';
import { type Asking, newestFirst, type Paging, type Shown } from './asking.ts';
import type { Readers } from './readers.ts';

export type ShowRuns = (documents: readonly RunDocument[]) => Promise<RunResource[]>;

/** Runs by the names that their projects have now: asked for once, however many runs are of one project. */
export const showRuns =
  (readers: Pick<Readers, 'several'>): ShowRuns =>
  async (documents) => {
    const ids = [...new Set(documents.map(({ projectId }) => projectId))];
    const found = await readers.several('projects', ids);
    const names = new Map(found.flatMap((project) => (project ? [[project.id, project.name] as const] : [])));
    return documents.map((document) => presentRun(document, names.get(document.projectId) ?? null));
  };

export const showRun = async (
  readers: Pick<Readers, 'several'>,
  document: RunDocument,
): Promise<RunResource> => {
  const [project] = await readers.several('projects', [document.projectId]);
  return presentRun(document, project?.name ?? null);
};

/** Newest first, without those of removed projects. */
export const pageOfRuns = async (
  readers: Readers,
  { pageOf }: Asking,
  paging: Paging,
  where: NonNullable<Query['where']>,
): Promise<Shown<RunResource>> => {
  const query = { where, sort: newestFirst('createdAt') };
  const page = await pageOf('runs', paging, query, (run) => run, 'everything');
  return { items: await showRuns(readers)(page.items), nextCursor: page.nextCursor };
};
