import { parentPort, workerData } from 'node:worker_threads';
import { examineFileInUse } from './examining.ts';

/** Examines the file that it is given, a page whenever it is asked for one; null is the end. */
const pages = examineFileInUse(String(workerData));

parentPort?.on('message', async () => {
  const page = await pages.next();
  parentPort?.postMessage(page.done === true ? null : JSON.stringify(page.value));
});
