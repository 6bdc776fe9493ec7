import type { Output } from './output.ts';

/** How one entry of a list is written in each way. */
export interface EntryForms<Entry> {
  readonly line: (entry: Entry) => string;
  readonly event: (entry: Entry) => unknown;
  readonly document: (entry: Entry) => unknown;
}

/** Writes entries as they come: as lines, as events with `--events`; with `--json` all of them at the end, as one document. */
export const writeList = async <Entry>(
  output: Output,
  entries: AsyncIterable<Entry>,
  { line, event, document }: EntryForms<Entry>,
): Promise<void> => {
  const items: unknown[] = [];
  for await (const entry of entries) {
    output.event(event(entry));
    if (output.json) items.push(document(entry));
    if (!output.carriesData) output.human.write(`${line(entry)}\n`);
  }
  if (output.json) output.result({ items, nextCursor: null }, () => []);
};
