/**
 * Records a run of a data directory as a history to be replayed by every later version:
 *
 *     node tests/histories/src/record.ts DATA RUN NAME "what happens in it" type,type
 *
 * The types are what it is recorded for; it is refused without them. Nobody else may have the data directory open.
 */
import { writeFile } from 'node:fs/promises';
import { openEmbeddedBlobStore } from '@partitura/shared/blobs';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { createRedactor } from '@partitura/shared/events';
import { dataPaths, programVersion } from '@partitura/shared/hosting';
import { writeHistory } from './history.ts';
import { recordHistory } from './recording.ts';

const local = {
  eventStoreUrl: 'sqlite:',
  readModelsUrl: 'sqlite:',
  knowledgeUrl: 'sqlite:',
  blobsUrl: 'file:',
};

const [data, run, name, about = '', shows = ''] = process.argv.slice(2);
if (data === undefined || run === undefined || name === undefined)
  throw new Error('Usage: record.ts DATA RUN NAME "what happens in it" type,type');

const paths = dataPaths(data, local);
const store = openSqliteEventStore({ path: paths.events, redactor: createRedactor({ secrets: [] }) });
const blobs = await openEmbeddedBlobStore({ directory: paths.blobs });
const history = await recordHistory(
  { store, blobs },
  { about, run, version: await programVersion(), shows: shows.split(',').filter((type) => type !== '') },
);
const content = writeHistory(history);
const file = new URL(`recorded/${name}.ndjson.gz`, import.meta.url);
await writeFile(file, content);
await blobs.close();
await store.close();
process.stdout.write(
  `${file.pathname}: ${history.events.length} events, ${history.blobs.size} blobs, ${content.length} bytes\n`,
);
