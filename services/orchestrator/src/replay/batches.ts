import type { RecordedRunEvent } from '@partitura/shared/replaying';

/** What one command recorded: events that were appended one behind the other under its id. */
export interface RecordedBatch {
  readonly commandId: string;
  readonly events: readonly [RecordedRunEvent, ...RecordedRunEvent[]];
}

/** Events are named `<command>/<index>`. */
const commandIdOf = ({ id }: RecordedRunEvent): string => id.slice(0, id.lastIndexOf('/'));

const isFirst = ({ id }: RecordedRunEvent): boolean => id.endsWith('/0');

/** A run's stream, command by command. */
export const batchesOf = (events: readonly RecordedRunEvent[]): readonly RecordedBatch[] => {
  const batches: { commandId: string; events: [RecordedRunEvent, ...RecordedRunEvent[]] }[] = [];
  for (const event of events) {
    const commandId = commandIdOf(event);
    const last = batches.at(-1);
    if (last && last.commandId === commandId && !isFirst(event)) last.events.push(event);
    else batches.push({ commandId, events: [event] });
  }
  return batches;
};
