import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openFileBlobStore } from '@partitura/shared/blobs';
import { inProcessEventBus, memoryCheckpoints } from '@partitura/shared/event-bus';
import { connectEventStoreDb } from '@partitura/shared/event-store';
import { createRedactor } from '@partitura/shared/events';
import { openBullmqJobQueue } from '@partitura/shared/job-queue';
import { featureHashingEmbedder } from '@partitura/shared/models';
import { type Logger, randomIds, silentLogger, systemClock } from '@partitura/shared/runtime';
import { agentRunnerService } from '../service.ts';
import { goodScript, type Reply, type Script, scriptedModel } from './scripted-model.ts';

/** A runner in a process of its own, as on a machine of its own. Says on stdout what its model is asked, and what it finds. */
const [, , eventStoreUrl = '', queueUrl = '', shared = '', name = ''] = process.argv;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const turns: readonly Reply[] = [
  {
    tools: [
      { tool: 'write_file', arguments: { path: 'hello.txt', content: 'hello\n' } },
      { tool: 'run_command', arguments: { command: 'echo made >> made.txt' } },
    ],
  },
  {
    tools: [{ tool: 'edit_file', arguments: { path: 'hello.txt', find: 'hello', replace: 'hello, world' } }],
  },
];

/** The third turn of the act step waits for its gate: a file with the runner's name. */
const script: Script = async (request, call) => {
  const turn = request.messages.filter(({ role }) => role === 'assistant').length;
  const act = request.answer === null;
  say(`asked ${request.answer?.name ?? `act ${turn}`}`);
  while (act && turn === 2 && !existsSync(join(shared, `go-${name}`))) await systemClock.sleep(20);
  return goodScript(turns)(request, call);
};

const logger: Logger = {
  ...silentLogger,
  child: () => logger,
  debug: (_, message) => say(message),
};

const clock = systemClock;
const store = await connectEventStoreDb({ url: eventStoreUrl, clock, logger: silentLogger });
const queue = await openBullmqJobQueue({ url: queueUrl, clock });
const { model } = scriptedModel(script);
const service = agentRunnerService({
  store,
  bus: inProcessEventBus({ store, checkpoints: memoryCheckpoints(), clock }),
  queue,
  // Content by its hash, which stands for storage that all machines reach.
  blobs: await openFileBlobStore({ directory: join(shared, 'blobs') }),
  redactor: createRedactor(),
  models: { resolve: () => model },
  knowledge: null,
  embedder: featureHashingEmbedder(),
  clock,
  ids: randomIds(),
  logger,
  dataDirectory: join(shared, `machine-${name}`),
  sandboxMode: 'off',
  runnerName: name,
  concurrency: 4,
});
for (const component of service.components) await component.start();
say('ready');
