/**
 * The whole program as a process of its own, for tests that kill it: works in a data directory, starts the one run of its test
 * or takes it up, and says on its output what is recorded. Arguments: the data directory, the repository, the PRD's file.
 */
import { readFile } from 'node:fs/promises';
import { apiClient } from '@partitura/shared/http';
import { loadConfiguration, silentLogger } from '@partitura/shared/runtime';
import { startStandalone } from '../service.ts';

const [data = '', repository = '', prdFile = ''] = process.argv.slice(2);
const say = (...words: readonly string[]): void => void process.stdout.write(`${words.join(' ')}\n`);

const configuration = await loadConfiguration({
  environment: { ...process.env, PARTITURA_DATA: data },
  userFile: null,
  projectFile: null,
  flags: {},
});
const standalone = await startStandalone({
  configuration,
  logger: silentLogger,
  version: '0',
  mode: 'work',
  port: 0,
});
say('up', standalone.url);

const client = apiClient({ baseUrl: standalone.url });
// The same keys at every start: whoever was killed between a command and its answer gives it again.
const project = await client.call(
  'createProject',
  {
    body: {
      prd: { name: 'PRD.md', text: await readFile(prdFile, 'utf8') },
      repository: { url: repository },
    },
  },
  { idempotencyKey: 'the-project' },
);
const run = await client.call(
  'startRun',
  { params: { id: project.id }, body: {} },
  { idempotencyKey: 'the-run' },
);
say('run', run.id);

const ends = ['run.completed', 'run.failed', 'run.stopped', 'run.paused'];
for await (const { type, position } of client.events({ runId: run.id, after: project.position })) {
  say('event', position, type);
  if (!ends.includes(type)) continue;
  const { status } = await client.call('getRun', { params: { id: run.id }, query: { after: position } });
  say('ended', status);
  break;
}
await standalone.stop(5_000);
