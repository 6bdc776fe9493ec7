import type { EventStore } from '../event-store/index.ts';
import type { DomainEvent, StreamName } from '../events/index.ts';
import type { Settlement } from './batch-settling.ts';
import type { Batch, CommandResult, WaitingCommand } from './mailboxes.ts';
import { eventsOfCommand } from './recorded-commands.ts';

type Standing = Pick<CommandResult<never>, 'revision' | 'position'>;

/** What must not happen (again) may have happened under this very command: then that is the answer. Never throws. */
export const answerRefused = async <Command, Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  { envelope, resolve, reject }: WaitingCommand<Command, Event>,
  refusal: unknown,
  { revision, position }: Standing,
): Promise<void> => {
  if (revision === -1) {
    reject(refusal);
    return;
  }
  try {
    const events = await eventsOfCommand<Event>(store, stream, envelope.commandId);
    if (events) resolve({ events, revision, position });
    else reject(refusal);
  } catch (error) {
    reject(error);
  }
};

/** Tells everybody in a batch what was decided. Never throws. */
export const answerBatch = async <Command, Event extends DomainEvent>(
  store: EventStore,
  stream: StreamName,
  batch: Batch<Command, Event>,
  settlement: Settlement<Event>,
): Promise<void> => {
  const { decisions, revision, position } = settlement;
  const refused: Promise<void>[] = [];
  for (const [index, waiting] of batch.entries()) {
    const decision = decisions[index];
    if (decision?.refusal === null) waiting.resolve({ events: decision.events, revision, position });
    else refused.push(answerRefused(store, stream, waiting, decision?.refusal, settlement));
  }
  await Promise.all(refused);
};
