import type { Page, Query } from '@partitura/shared/read-models';
import { type Documents, isRemoved, type Readers } from './readers.ts';

/** Those that are to be shown, in their order. */
type Keep<Content> = (documents: readonly Content[]) => Promise<readonly Content[]>;

/**
 * A full page of what is to be shown, however much of what is read is not: whoever reads the first page only must not take it for
 * all there is. The cursor is that of the last document that was looked at.
 */
export const pageOfKept = async <Name extends keyof Documents>(
  readers: Pick<Readers, 'list'>,
  name: Name,
  query: Query,
  keep: Keep<Documents[Name]>,
): Promise<Page<Documents[Name]>> => {
  const items: Documents[Name][] = [];
  let cursor = query.cursor;
  for (;;) {
    const limit = query.limit - items.length;
    const page = await readers.list(name, { ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...(await keep(page.items)));
    if (page.nextCursor === null || items.length >= query.limit)
      return { items, nextCursor: page.nextCursor };
    cursor = page.nextCursor;
  }
};

const withProject = ['runs', 'tasks', 'agents', 'approvals'] as const;
type WithProject = (typeof withProject)[number];

const isOfProject = (name: keyof Documents): name is WithProject => withProject.some((one) => one === name);

/**
 * A page without what was removed: removed projects, and what is of them. Each of these still answers under its own id, as what
 * happened does not become undone.
 */
export const presentPage = async <Name extends keyof Documents>(
  readers: Pick<Readers, 'list' | 'several'>,
  name: Name,
  query: Query,
): Promise<Page<Documents[Name]>> => {
  if (!isOfProject(name))
    return pageOfKept(readers, name, query, async (documents) => documents.filter((one) => !isRemoved(one)));
  return pageOfKept(readers, name, query, async (documents) => {
    const removed = await removedAmong(readers, [...new Set(documents.map(projectIdOf))]);
    return documents.filter((one) => !removed.has(projectIdOf(one)));
  });
};

/** Asked for what was removed, which is little or nothing: reading each project of a page took longer than the page. */
const removedAmong = async (
  readers: Pick<Readers, 'list' | 'several'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const inOrder = ids.toSorted();
  const [from, to] = [inOrder[0], inOrder.at(-1)];
  if (from === undefined || to === undefined) return new Set();
  const asked = { where: { removed: true }, between: { from, to }, limit: ids.length };
  const { items, nextCursor } = await readers.list('projects', asked);
  // More than the page has: its own are asked for one by one.
  const projects = nextCursor === null ? items : await readers.several('projects', ids);
  return new Set(projects.flatMap((project) => (project && isRemoved(project) ? [project.id] : [])));
};

const projectIdOf = (document: Documents[keyof Documents]): string =>
  'projectId' in document ? (document.projectId ?? '') : '';
