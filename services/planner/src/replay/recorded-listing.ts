import type { PlanEvent } from '@partitura/shared/events';
import type { ChatRequest, RecordedCalls } from '@partitura/shared/models';
import { readSections } from '@partitura/shared/prompts';

const more = /^… and (\d+) more$/;

const textOf = ({ messages }: ChatRequest): string =>
  messages
    .flatMap(({ content }) => content.flatMap((part) => (part.kind === 'text' ? [part.text] : [])))
    .join('\n');

/** As many files as were counted; only the names of the first ones were ever shown. */
const filesIn = (listing: string): readonly string[] => {
  if (listing === '') return [];
  const lines = listing.split('\n');
  const left = more.exec(lines.at(-1) ?? '')?.[1];
  return left === undefined
    ? lines
    : [...lines.slice(0, -1), ...Array.from({ length: Number(left) }, () => '')];
};

/** The files that the repository had: nobody wrote them down but the question that was asked. */
export const recordedListing = async (
  recorded: PlanEvent | undefined,
  calls: Pick<RecordedCalls, 'recallRequest'>,
): Promise<readonly string[]> => {
  if (recorded?.type !== 'model.requested') return [];
  return filesIn(readSections(textOf(await calls.recallRequest(recorded))).get('repository') ?? '');
};
