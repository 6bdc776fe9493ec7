/** Sends many events through a format in a thread of its own, which has little memory, and says how it went. */
import { parentPort, workerData } from 'node:worker_threads';
import { type CloudEvent, resources } from '@partitura/shared/http';
import { columnsOf } from '../exports/columns.ts';
import { csv } from '../exports/formats/csv.ts';
import { ndjson } from '../exports/formats/ndjson.ts';
import { parquet } from '../exports/formats/parquet.ts';

const { format, rows } = workerData as { readonly format: string; readonly rows: number };
const formats = { ndjson, parquet, csv: csv({ escapeFormulas: true }) };

const eventAt = (at: number): CloudEvent => ({
  specversion: '1.0',
  id: `e${at}`,
  source: '/story',
  type: 'task.commented',
  subject: 'run-r_1',
  time: new Date(at).toISOString(),
  datacontenttype: 'application/json',
  dataversion: 1,
  position: String(at).padStart(16, '0'),
  revision: at,
  actor: 'user:teller',
  correlationid: 'r_1',
  causationid: null,
  hash: 'a'.repeat(64),
  data: { taskId: 'r_1.T1', text: `${at} `.repeat(180) },
});

let made = 0;
async function* pages(): AsyncGenerator<readonly CloudEvent[]> {
  while (made < rows) {
    const size = Math.min(500, rows - made);
    const page = Array.from({ length: size }, (_, at) => eventAt(made + at));
    made += size;
    yield page;
  }
}

const encode = Object.entries(formats).find(([name]) => name === format)?.[1];
if (!encode) throw new Error(`There is no format ${format}.`);
let [bytes, largest] = [0, 0];
for await (const piece of encode(columnsOf(resources.cloudEvent), pages())) {
  bytes += piece.byteLength;
  largest = Math.max(largest, piece.byteLength);
}
parentPort?.postMessage({ bytes, largest, rows: made });
