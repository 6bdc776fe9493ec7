import type { EventStore, ExaminedPage } from '../event-store/index.ts';
import { type Category, parseStreamName, type RunId, type StreamName } from '../events/index.ts';
import { type LogVerdict, verifyLog } from './verify-log.ts';
import type { Witness } from './witness.ts';

/** Streams that are all of one run; a project's are of several. */
const ofRun: readonly Category[] = ['run', 'plan', 'agent', 'merge'];

/** The streams of one run, and what the read models saw of them; of seals and of the order among streams it says nothing. */
export const verifyRun = (store: EventStore, runId: RunId, witness: Witness): Promise<LogVerdict> =>
  verifyLog({
    pages: pagesOf(store, runId),
    trusted: new Set(),
    witness: ofItsStreams(witness),
    atRest: false,
  });

async function* pagesOf(store: EventStore, runId: RunId): AsyncGenerator<ExaminedPage> {
  try {
    const filter = { runId, categories: ofRun };
    for await (const { events } of store.readAll({ filter, asRecorded: true }))
      yield { events, findings: [] };
  } catch (error) {
    // What the store says of a row that it cannot read names the position.
    if (!Error.isError(error) || !('code' in error) || error.code !== 'STORE_CORRUPT') throw error;
    const finding = { position: null, stream: null, revision: null, eventId: null, detail: error.message };
    yield { events: [], findings: [finding] };
  }
}

async function* ofItsStreams(witness: Witness): Witness {
  for await (const page of witness)
    yield page.filter(({ stream }) =>
      ofRun.some((category) => category === parseStreamName(stream as StreamName).category),
    );
}
