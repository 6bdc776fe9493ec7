import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ExaminedPage } from '../port.ts';
import { walFindings } from './examining.ts';

const script = new URL('./examination-thread.ts', import.meta.url);

/**
 * Examines a log that this process has open, in a thread of its own with a connection of its own: SQLite looks at a file of 100,000
 * events for seconds in one go, and whoever serves answers meanwhile. Only the write-ahead log is looked at here, where no commit can
 * come in between: from elsewhere a frame that is half written looks like a damaged one.
 */
export async function* examineServedLog(path: string): AsyncGenerator<ExaminedPage> {
  const findings = walFindings(path);
  if (findings.length > 0) yield { events: [], findings };
  const thread = new Worker(script, { workerData: path });
  try {
    yield* pagesFrom(thread);
  } finally {
    await thread.terminate();
  }
}

/** Each is asked for when the one before it has come, so that the thread is one ahead and no more. */
async function* pagesFrom(thread: Worker): AsyncGenerator<ExaminedPage> {
  thread.postMessage('next');
  for await (const [text] of on(thread, 'message', { close: ['exit'] })) {
    if (text === null) return;
    thread.postMessage('next');
    // As text: it is read in half the time that a copy of its objects takes.
    yield JSON.parse(String(text));
  }
  throw new Error('The thread that examined the log ended before it came to the end.');
}
