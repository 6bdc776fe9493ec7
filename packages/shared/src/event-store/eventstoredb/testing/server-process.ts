import { parseArgs } from 'node:util';
import { startEventStoreDbServer } from './eventstoredb-server.ts';

/** The test server in a process of its own, see `infra/native/eventstoredb.ts`. Runs until it is told to end. */
const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    port: { type: 'string' },
    'max-append-size': { type: 'string', default: '16000000' },
    /** Killed after that many appends more, the last of which is written and not acknowledged. */
    'die-in-append': { type: 'string' },
  },
});
const { directory, port } = values;
if (directory === undefined || port === undefined) throw new Error('--directory and --port are needed');

process.title = 'eventstoredb-test-server';
const server = await startEventStoreDbServer({
  directory,
  port: Number(port),
  maxAppendSize: Number(values['max-append-size']),
});
const last = values['die-in-append'];
if (last !== undefined) {
  server.faults.appends.length = Number(last) - 1;
  server.faults.appends.push('die');
}

const end = (): void => {
  server.close().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
};
process.once('SIGTERM', end);
process.once('SIGINT', end);
process.stdout.write(
  `Test server written to EventStoreDB's protocol (this is not EventStoreDB): ${server.address}, ${server.log.records.length} records in ${directory}\n`,
);
