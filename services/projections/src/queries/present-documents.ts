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
    const ids = [...new Set(documents.map(projectIdOf))];
    const projects = await readers.several('projects', ids);
    const removed = new Set(
      projects.flatMap((project) => (project && isRemoved(project) ? [project.id] : [])),
    );
    return documents.filter((one) => !removed.has(projectIdOf(one)));
  });
};

const projectIdOf = (document: Documents[keyof Documents]): string =>
  'projectId' in document ? (document.projectId ?? '') : '';
