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

/**
 * The same out of a whole log that its store examines. Whose an event is says its stream: what it says itself may be what was changed. Damage that
 * may be of any run is of this one, too.
 */
export const verifyRunIn = (
  pages: AsyncIterable<ExaminedPage>,
  runId: RunId,
  witness: Witness | null,
): Promise<LogVerdict> =>
  verifyLog({
    pages: pagesOfRun(pages, runId),
    trusted: new Set(),
    witness: witness && witnessOfRun(witness, runId),
    atRest: false,
  });

const isOfRun = (stream: string, runId: RunId): boolean => {
  const { category, id } = parseStreamName(stream as StreamName);
  return ofRun.includes(category) && id.split('.')[0] === runId;
};

async function* pagesOfRun(pages: AsyncIterable<ExaminedPage>, runId: RunId): AsyncGenerator<ExaminedPage> {
  for await (const { events, findings } of pages)
    yield {
      events: events.filter(({ stream }) => isOfRun(stream, runId)),
      findings: findings.filter(({ stream }) => stream === null || isOfRun(stream, runId)),
    };
}

async function* witnessOfRun(witness: Witness, runId: RunId): Witness {
  for await (const page of witness) yield page.filter(({ stream }) => isOfRun(stream, runId));
}
