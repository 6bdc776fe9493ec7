import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { createRedactor, type RecordedEvent, verifyChain } from '@partitura/shared/events';
import { dataPaths } from '@partitura/shared/hosting';
import { git } from '@partitura/shared/repositories';
import { z } from 'zod';

const usual = {
  eventStoreUrl: 'sqlite:',
  readModelsUrl: 'sqlite:',
  knowledgeUrl: 'sqlite:',
  blobsUrl: 'file:',
};

/** All that a data directory's log says, as it was recorded. Nobody else may have it open. */
export const readLog = async (data: string): Promise<readonly RecordedEvent[]> => {
  const store = openSqliteEventStore({
    path: dataPaths(data, usual).events,
    redactor: createRedactor({ secrets: [] }),
  });
  try {
    const all: RecordedEvent[] = [];
    for await (const { events } of store.readAll({ asRecorded: true })) all.push(...events);
    return all;
  } finally {
    await store.close();
  }
};

/** The first thing that is wrong with the hash chains; null when nothing is. */
export const brokenChain = (events: readonly RecordedEvent[]): string | null => {
  const verdict = verifyChain(events);
  return verdict.intact ? null : verdict.firstBreak.detail;
};

const withTask = z.object({ taskId: z.string() });
const withCall = z.object({ callId: z.string() });
const added = z.object({ definition: z.object({ key: z.string(), title: z.string() }) });

export const ofType = (events: readonly RecordedEvent[], type: string): readonly RecordedEvent[] =>
  events.filter((event) => event.type === type);

/** Task ids without the run's, in order of their completion: the same task twice would be there twice. */
export const completedTasks = (events: readonly RecordedEvent[]): readonly string[] =>
  ofType(events, 'task.completed').map(({ data }) => withTask.parse(data).taskId.replace(/^[^.]+\./, ''));

/** What tasks there are and what they are called. */
export const plannedTasks = (events: readonly RecordedEvent[]): readonly string[] =>
  ofType(events, 'task.added').map(({ data }) => {
    const { key, title } = added.parse(data).definition;
    return `${key} ${title}`;
  });

/** How often each call was put down as asked, answered and failed, by its id. */
export const modelCalls = (events: readonly RecordedEvent[]) => {
  const calls = new Map<string, { requested: number; answered: number; failed: number }>();
  for (const { type, data } of events) {
    if (!type.startsWith('model.')) continue;
    const { callId } = withCall.parse(data);
    const call = calls.get(callId) ?? { requested: 0, answered: 0, failed: 0 };
    if (type === 'model.requested') call.requested += 1;
    if (type === 'model.answered') call.answered += 1;
    if (type === 'model.failed') call.failed += 1;
    calls.set(callId, call);
  }
  return calls;
};

/** Calls that were asked and have no outcome yet. */
export const openCalls = (events: readonly RecordedEvent[]): number =>
  [...modelCalls(events).values()].filter(({ answered, failed }) => answered + failed === 0).length;

const inRepository = async (path: string, ...args: readonly string[]): Promise<string> =>
  (await git(args, { cwd: path })).stdout;

/** The second parents of the branch's merges: what was merged, newest first. */
export const mergesOf = async (path: string, branch: string): Promise<readonly string[]> =>
  (await inRepository(path, 'log', '--first-parent', '--merges', '--format=%P', branch, '--'))
    .split('\n')
    .flatMap((line) => line.split(' ').slice(1));

/** What a person sees in the repository's own directory: head, status, files. */
export const checkoutOf = async (path: string): Promise<unknown> => ({
  head: await inRepository(path, 'symbolic-ref', 'HEAD'),
  commit: await inRepository(path, 'rev-parse', 'HEAD'),
  status: await inRepository(path, 'status', '--porcelain'),
  files: (await readdir(path)).sort(),
});

export const branchesOf = async (path: string): Promise<readonly string[]> =>
  (await inRepository(path, 'for-each-ref', '--format=%(refname:short)', 'refs/heads'))
    .split('\n')
    .filter((name) => name !== '');

/** What `git fsck` finds wrong; objects that nothing points at any more are not wrong. */
export const faultsIn = async (path: string): Promise<string> =>
  (
    await git(['fsck', '--full', '--strict', '--no-dangling'], { cwd: path, accept: [0, 1, 2, 3] })
  ).stdout.trim();

/** Files below a directory that have the text in them. */
export const filesWith = async (directory: string, text: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(text)) found.push(path);
  }
  return found;
};
