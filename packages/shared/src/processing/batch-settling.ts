import { type AppendResult, type EventStore, isRevisionConflict } from '../event-store/index.ts';
import type { DomainEvent, EventToAppend, StreamName } from '../events/index.ts';
import { type Decision, decideOnBatch } from './batch-decision.ts';
import type { Decider } from './decider.ts';
import type { Batch, Mailbox } from './mailboxes.ts';
import { decisionsAsRecorded } from './recorded-commands.ts';
import { type FoldedStream, foldOn, foldStream } from './stream-state.ts';

/** What became of a batch. */
export interface Settlement<Event extends DomainEvent> {
  readonly decisions: readonly Decision<Event>[];
  readonly revision: AppendResult['revision'];
  readonly position: AppendResult['position'];
}

/**
 * Decisions made with a copy of the state at hand after a conflict. Copying a run of 1,000 tasks takes a millisecond and folding it
 * again 30 to 50, and who lost once will soon lose again; alone, nobody pays for copies.
 */
const contendedFor = 64;

/** Decides on batches and appends what follows. Whoever calls sees to it that a mailbox has one batch at a time. */
export const batchSettling = <State, Command, Event extends DomainEvent>(
  store: EventStore,
  decider: Decider<State, Command, Event>,
  onChanged: (stream: StreamName, state: State) => void,
) => {
  type OwnMailbox = Mailbox<State, Command, Event>;

  const fold = (stream: StreamName) => foldStream(store, stream, decider.initial(), decider.evolve);
  const readOn = (stream: StreamName, folded: FoldedStream<State>) =>
    foldOn(store, stream, folded, decider.evolve);

  /** Of a state that will be consumed, as long as it is worth it. */
  const spareOf = (mailbox: OwnMailbox, folded: FoldedStream<State>): FoldedStream<State> | null =>
    mailbox.contended > 0 && decider.copy ? { ...folded, state: decider.copy(folded.state) } : null;

  /** What the log says now, from a state that was not touched or else from the beginning. */
  const recover = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    spare: FoldedStream<State> | null,
  ): Promise<FoldedStream<State>> => {
    mailbox.contended = contendedFor;
    mailbox.folded = spare ? await readOn(stream, spare) : await fold(stream);
    return mailbox.folded;
  };

  /** null when somebody else appended first. */
  const append = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    events: readonly EventToAppend[],
    { revision, spare }: { readonly revision: number; readonly spare: FoldedStream<State> | null },
  ): Promise<AppendResult | null> => {
    const started = performance.now();
    try {
      const result = await store.append(stream, events, revision === -1 ? 'no_stream' : revision);
      mailbox.courtesy.appended(performance.now() - started);
      return result;
    } catch (error) {
      if (!isRevisionConflict(error)) throw error;
      const now = await recover(stream, mailbox, spare);
      // Not where the stream stands is the matter: some of these events are in the log already.
      if (now.revision === revision) throw error;
      return null;
    }
  };

  /** No append asks whether the memory was right, and a refusal from an old one would be wrong for ever: so the log is asked. */
  const changeNothing = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    folded: FoldedStream<State>,
    decisions: Settlement<Event>['decisions'],
  ): Promise<Settlement<Event> | null> => {
    const { revision, position } = folded;
    mailbox.folded = await readOn(stream, folded);
    return mailbox.folded.revision === revision ? { decisions, revision, position } : null;
  };

  /**
   * Null when the log has moved on, and the memory with it. The state is dropped first: only a durable append, or the log, puts it
   * back.
   */
  const attempt = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch<Command, Event>,
  ): Promise<Settlement<Event> | null> => {
    const folded = mailbox.folded ?? (await fold(stream));
    mailbox.folded = null;
    const { revision, position } = folded;
    const spare = spareOf(mailbox, folded);
    const envelopes = batch.map(({ envelope }) => envelope);
    const { decisions, events, state } = decideOnBatch(decider, stream, folded, envelopes);
    if (events.length === 0) return changeNothing(stream, mailbox, { state, revision, position }, decisions);
    const result = await append(stream, mailbox, events, { revision, spare });
    if (result === null) return null;
    if (result.alreadyRecorded) {
      const recorded = await decisionsAsRecorded(store, stream, decisions, result.revision);
      onChanged(stream, (await recover(stream, mailbox, spare)).state);
      return settleRest(stream, mailbox, batch, { ...result, decisions: recorded });
    }
    mailbox.contended = Math.max(0, mailbox.contended - 1);
    mailbox.folded = { state, revision: result.revision, position: result.position };
    onChanged(stream, state);
    return { ...result, decisions };
  };

  /** Decides again for as long as others come first: each time somebody came further. */
  const settle = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch<Command, Event>,
  ): Promise<Settlement<Event>> => {
    for (;;) {
      const settlement = await attempt(stream, mailbox, batch);
      if (settlement) return settlement;
    }
  };

  /**
   * What was done before was decided on a memory that the log has outdated, and so was what came with it and led to nothing: that is
   * decided on again. An agent's first word that came in one batch with another's last one, told twice, was lost for ever.
   */
  const settleRest = async (
    stream: StreamName,
    mailbox: OwnMailbox,
    batch: Batch<Command, Event>,
    done: Settlement<Event>,
  ): Promise<Settlement<Event>> => {
    const rest = batch.filter((_, index) => done.decisions[index]?.events.length === 0);
    if (rest.length === 0) return done;
    const { decisions, revision, position } = await settle(stream, mailbox, rest);
    const left = [...decisions];
    return {
      revision,
      position,
      decisions: done.decisions.map((one) => (one.events.length === 0 ? (left.shift() ?? one) : one)),
    };
  };

  return { fold, readOn, settle };
};
