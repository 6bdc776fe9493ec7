import type { ChatMessage, ContentPart } from '@partitura/shared/models';

/**
 * The talk of the act step: first the task with all its material, then answers and tool results in turn. When it outgrows the
 * model's window, the oldest exchanges go, and a few lines that say what they were stay. The first message never goes.
 */

export const continued = (
  messages: readonly ChatMessage[],
  answer: readonly ContentPart[],
  reply: readonly ContentPart[],
): readonly ChatMessage[] => {
  const said = answer.filter((part) => part.kind !== 'text' || part.text.length > 0);
  // Providers refuse an empty message, and a model that said nothing still had its turn.
  const content: readonly ContentPart[] = said.length > 0 ? said : [{ kind: 'text', text: '(nothing)' }];
  return [...messages, { role: 'assistant', content }, { role: 'user', content: reply }];
};

const noteOpening = 'Left out here to save room, oldest first:\n';
const longestNote = 4_000;

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

const oneLine = (text: string): string => text.slice(0, 160).replaceAll('\n', ' ');

const lineOf = (part: ContentPart, role: ChatMessage['role']): string | null => {
  switch (part.kind) {
    case 'text':
      return role === 'assistant' ? `- said: ${oneLine(part.text)}` : null;
    case 'tool_call':
      return `- used ${part.tool} ${textOf(part.arguments).slice(0, 120)}`;
    case 'tool_result':
      return part.failed ? `  which failed: ${oneLine(part.content)}` : null;
  }
};

const describe = (message: ChatMessage): string[] =>
  message.content.map((part) => lineOf(part, message.role)).filter((line) => line !== null);

const isNote = (part: ContentPart): part is Extract<ContentPart, { kind: 'text' }> =>
  part.kind === 'text' && part.text.startsWith(noteOpening);

/** The newest lines of a note are kept when it grows too long itself. */
const shortened = (lines: readonly string[]): string => {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines.toReversed()) {
    length += line.length + 1;
    if (length > longestNote) break;
    kept.unshift(line);
  }
  return noteOpening + kept.join('\n');
};

/** Drops the oldest exchange (an answer and the reply to it). Null when there is none that can go. */
const withoutOldest = (messages: readonly ChatMessage[]): readonly ChatMessage[] | null => {
  const [first, ...rest] = messages;
  // The last exchange stays: the model has to see what its last tools said.
  if (!first || rest.length < 4) return null;
  const before = first.content.find(isNote);
  const lines = before ? before.text.slice(noteOpening.length).split('\n') : [];
  const note: ContentPart = {
    kind: 'text',
    text: shortened([...lines, ...rest.slice(0, 2).flatMap(describe)]),
  };
  const task = first.content.filter((part) => !isNote(part));
  return [{ role: first.role, content: [...task, note] }, ...rest.slice(2)];
};

export interface Compaction {
  readonly messages: readonly ChatMessage[];
  readonly dropped: number;
}

/** Drops exchanges, oldest first, until `fits`, or until none is left that can go. */
export const compacted = (
  messages: readonly ChatMessage[],
  fits: (messages: readonly ChatMessage[]) => boolean,
): Compaction => {
  let current = messages;
  let dropped = 0;
  while (!fits(current)) {
    const shorter = withoutOldest(current);
    if (!shorter) break;
    current = shorter;
    dropped += 2;
  }
  return { messages: current, dropped };
};
