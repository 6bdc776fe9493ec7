import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import { type ChatAnswer, type ChatModel, rehearsalModel } from '@partitura/shared/models';
import { respondWith, startAnthropicServer, type WireServer } from '@partitura/shared/models/testing';
import { createLogger, loadConfiguration } from '@partitura/shared/runtime';
import { type Standalone, startStandalone } from './service.ts';
import { brokenChain, filesWith, ofType, readLog } from './testing/evidence.ts';
import { makePlaces, type Places } from './testing/places.ts';

const name = 'Ada Q. Lovelace';
const email = 'ada@example.org';
const canary = 'zanzibarcanary4711';
const about = `${name} <${email}>, known as ${canary}`;
const prd = `# Notes

A page on which a team keeps notes.

## Requirements
- FR-1: A user can create a note with a title and a text, and list all notes.

## Contact
Ask ${about}.
`;

/** Speaks of her wherever it says something in words of its own. */
const talkative = (model: ChatModel): ChatModel => ({
  ...model,
  chat: async (request, options) => withWords(await model.chat(request, options)),
});
const withWords = (answer: ChatAnswer): ChatAnswer => {
  const { structured, content } = answer;
  if (structured === null)
    return { ...answer, content: [{ kind: 'text', text: `As ${about} wished.` }, ...content] };
  const learnings: unknown = Reflect.get(Object(structured), 'learnings');
  if (!Array.isArray(learnings)) return answer;
  return {
    ...answer,
    structured: { ...Object(structured), learnings: [...learnings, `${about} likes it short.`] },
  };
};

let places: Places;
let server: WireServer;
let running: Standalone | null;
let client: ApiClient;
let logged: string[];

const start = async (): Promise<void> => {
  const configuration = await loadConfiguration({
    environment: {
      PARTITURA_DATA: places.data,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: server.url,
      PARTITURA_MODEL: 'anthropic/claude-sonnet-5-5',
    },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  running = await startStandalone({
    configuration,
    logger: createLogger({ level: 'trace', destination: { write: (line) => void logged.push(line) } }),
    version: '0',
    mode: 'work',
    port: 0,
  });
  client = apiClient({ baseUrl: running.url });
};
const stop = async (): Promise<void> => {
  await running?.stop(2_000);
  running = null;
};

beforeEach(async () => {
  logged = [];
  places = await makePlaces(prd);
  server = await startAnthropicServer({
    respond: respondWith(talkative(rehearsalModel({ seed: 1 })), 'rehearsal/rehearsal'),
  });
  await start();
});
afterEach(async () => {
  await stop();
  await server.close();
  await places.remove();
});

const declare = () =>
  client.call('declareSubject', {
    body: { label: `The person ${canary}`, identifiers: [name, email, canary] },
  });

/** From the PRD to the merge, and a comment. */
const wholeRun = async (): Promise<{
  runId: string;
  taskId: string;
  projectId: string;
  position: string;
}> => {
  const project = await client.call('createProject', {
    body: { prd: { name: 'PRD.md', text: prd }, repository: { url: places.repository } },
  });
  const run = await client.call('startRun', { params: { id: project.id }, body: {} });
  const ends = ['run.completed', 'run.failed', 'run.paused', 'run.stopped'];
  for await (const { type } of client.events({ runId: run.id, after: project.position })) {
    if (!ends.includes(type)) continue;
    expect(type).toBe('run.completed');
    break;
  }
  const tasks = await client.call('listRunTasks', { params: { id: run.id }, query: {} });
  const taskId = tasks.items.find(({ key }) => key === 'T1')?.id ?? '';
  const body = { text: `Thank you, ${about}!` };
  const { position } = await client.call('commentTask', { params: { id: taskId }, body });
  return { runId: run.id, taskId, projectId: project.id, position };
};

/** What the feed of events says of the comment. */
const toldOf = async (runId: string): Promise<unknown> => {
  for await (const { data } of client.events({ runId, after: '', types: ['task.commented'] }))
    return Reflect.get(Object(data), 'text');
  return null;
};

const words = [name, email, canary, 'Lovelace', 'zanzibar'] as const;
const leftovers = async (): Promise<Record<string, readonly string[]>> =>
  Object.fromEntries(
    await Promise.all(words.map(async (word) => [word, await filesWith(places.data, word)] as const)),
  );
/** As bytes, so that nothing of them is lost on the way; text of Parquet is compressed with a format that leaves short words as they are. */
const leaving = async (runId: string): Promise<Buffer> => {
  const exported = ['events', 'comments', 'tasks', 'history', 'artifacts'].map(
    (model) => `exports/${model}.ndjson`,
  );
  const paths = [...exported, 'exports/comments.csv', 'exports/projects.parquet', `runs/${runId}/bundle`];
  const files = paths.map(async (path) => {
    const response = await fetch(`${running?.url}/api/v1/${path}`);
    expect([path, response.status]).toEqual([path, 200]);
    return Buffer.from(await response.arrayBuffer());
  });
  return Buffer.concat(await Promise.all(files));
};
const found = (bytes: Buffer): readonly string[] => words.filter((word) => bytes.includes(word));
const nothing = Object.fromEntries(words.map((word) => [word, []]));

describe('somebody who is erased', () => {
  it('was read about by models and people, is nowhere in any byte, and every chain holds', async () => {
    const subject = await declare();
    expect(subject.recorded).toEqual({ events: 0, blobs: 0 });
    const { runId, taskId, projectId, position } = await wholeRun();

    const query = { after: position };
    const comments = await client.call('listTaskComments', { params: { id: taskId }, query });
    expect(comments.items[0]?.text).toBe(`Thank you, ${about}!`);
    expect(await toldOf(runId)).toBe(`Thank you, ${about}!`);
    expect(JSON.stringify(server.requests)).toContain(about);
    expect(JSON.stringify(server.requests)).not.toContain('⟦sub_');
    const artifacts = await client.call('listProjectArtifacts', { params: { id: projectId }, query });
    const prdOf = artifacts.items.find(({ kind }) => kind === 'prd');
    const content = async () => (await fetch(`${running?.url}/api/v1/artifacts/${prdOf?.id}/content`)).text();
    expect(await content()).toBe(prd);
    const occurrences = await client.call('getSubject', { params: { id: subject.id } });
    expect(occurrences.sealed.events).toBeGreaterThan(3);
    expect(occurrences.sealed.blobs).toBeGreaterThan(3);
    expect(occurrences.recorded).toEqual({ events: 0, blobs: 0 });
    // Before the erasure already, with the logs of engines as they are while they work.
    expect(await leftovers()).toEqual(nothing);

    const left = await leaving(runId);
    expect(found(left)).toEqual([]);
    expect(left.includes(`⟦${subject.id}:`)).toBe(true);

    const erased = await client.call('eraseSubject', { params: { id: subject.id } });
    expect(erased.recorded).toEqual({ events: 0, blobs: 0 });
    expect(await content()).toBe(prd.replace(about, '[erased] <[erased]>, known as [erased]'));
    const afterwards = await client.call('listTaskComments', { params: { id: taskId }, query: {} });
    expect(afterwards.items[0]?.text).toBe('Thank you, [erased] <[erased]>, known as [erased]!');
    expect(await toldOf(runId)).toBe('Thank you, [erased] <[erased]>, known as [erased]!');
    const listed = await client.call('listSubjects', { query: {} });
    expect(listed.items).toMatchObject([{ id: subject.id, status: 'erased', label: null, identifiers: 0 }]);

    expect(found(await leaving(runId))).toEqual([]);
    expect(await (await fetch(`${running?.url}/api/v1/audit/verify`)).json()).toMatchObject({ intact: true });

    await stop();
    expect(await leftovers()).toEqual(nothing);
    expect(found(Buffer.from(logged.join('')))).toEqual([]);
    expect(logged.length).toBeGreaterThan(0);
    const log = await readLog(places.data);
    expect(brokenChain(log)).toBeNull();
    expect(JSON.stringify(ofType(log, 'task.commented'))).toContain(`⟦${subject.id}:`);
    // Nothing that was derived brings anything back.
    await start();
    const again = await client.call('listTaskComments', { params: { id: taskId }, query: {} });
    expect(again.items).toEqual(afterwards.items);
  });
});
