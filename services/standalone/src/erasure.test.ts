import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiClient, apiClient } from '@partitura/shared/http';
import { type ChatAnswer, type ChatModel, rehearsalModel } from '@partitura/shared/models';
import { respondWith, startAnthropicServer, type WireServer } from '@partitura/shared/models/testing';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
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
    logger: silentLogger,
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
const wholeRun = async (): Promise<{ taskId: string; projectId: string; position: string }> => {
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
  return { taskId, projectId: project.id, position };
};

const words = [name, email, canary, 'Lovelace', 'zanzibar'] as const;
const leftovers = async (): Promise<Record<string, readonly string[]>> =>
  Object.fromEntries(
    await Promise.all(words.map(async (word) => [word, await filesWith(places.data, word)] as const)),
  );
const nothing = Object.fromEntries(words.map((word) => [word, []]));

describe('somebody who is erased', () => {
  it('was read about by models and people, is nowhere in any byte, and every chain holds', async () => {
    const subject = await declare();
    expect(subject.recorded).toEqual({ events: 0, blobs: 0 });
    const { taskId, projectId, position } = await wholeRun();

    const query = { after: position };
    const comments = await client.call('listTaskComments', { params: { id: taskId }, query });
    expect(comments.items[0]?.text).toBe(`Thank you, ${about}!`);
    expect(JSON.stringify(server.requests)).toContain(about);
    expect(JSON.stringify(server.requests)).not.toContain('⟦sub_');
    const artifacts = await client.call('listProjectArtifacts', { params: { id: projectId }, query });
    const prdOf = artifacts.items.find(({ kind }) => kind === 'prd');
    const content = async () => (await fetch(`${running?.url}/api/v1/artifacts/${prdOf?.id}/content`)).text();
    expect(await content()).toBe(prd);
    const found = await client.call('getSubject', { params: { id: subject.id } });
    expect(found.sealed.events).toBeGreaterThan(3);
    expect(found.sealed.blobs).toBeGreaterThan(3);
    expect(found.recorded).toEqual({ events: 0, blobs: 0 });
    // Before the erasure already, with the logs of engines as they are while they work.
    expect(await leftovers()).toEqual(nothing);

    const erased = await client.call('eraseSubject', { params: { id: subject.id } });
    expect(erased.recorded).toEqual({ events: 0, blobs: 0 });
    expect(await content()).toBe(prd.replace(about, '[erased] <[erased]>, known as [erased]'));
    const afterwards = await client.call('listTaskComments', { params: { id: taskId }, query: {} });
    expect(afterwards.items[0]?.text).toBe('Thank you, [erased] <[erased]>, known as [erased]!');
    const listed = await client.call('listSubjects', { query: {} });
    expect(listed.items).toMatchObject([{ id: subject.id, status: 'erased', label: null, identifiers: 0 }]);

    await stop();
    expect(await leftovers()).toEqual(nothing);
    const log = await readLog(places.data);
    expect(brokenChain(log)).toBeNull();
    expect(JSON.stringify(ofType(log, 'task.commented'))).toContain(`⟦${subject.id}:`);
    // Nothing that was derived brings anything back.
    await start();
    const again = await client.call('listTaskComments', { params: { id: taskId }, query: {} });
    expect(again.items).toEqual(afterwards.items);
  }, 90_000);
});
