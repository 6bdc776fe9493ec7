import type { ChatRequest } from './port.ts';

export type StructuredResult =
  | { readonly valid: true; readonly value: unknown }
  | {
      readonly valid: false;
      readonly message: string;
      readonly problems: readonly { path: string; message: string }[];
    };

/** Models like to wrap JSON in a Markdown fence, and to say a word before it. */
const fenced = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/;

const parse = (text: string): { readonly value: unknown } | null => {
  for (const candidate of [text.trim(), fenced.exec(text)?.[1]]) {
    if (candidate === undefined || candidate === '') continue;
    try {
      return { value: JSON.parse(candidate) };
    } catch {
      // Not JSON as it stands: the next candidate may be.
    }
  }
  return null;
};

/** The first few suffice for a repair; the thousandth does not help. */
const problemLimit = 20;

/** What the answer's text says, when it is JSON of the schema that was asked for; else what is wrong with it. */
export const readStructured = (
  text: string,
  answer: NonNullable<ChatRequest['answer']>,
): StructuredResult => {
  const parsed = parse(text);
  if (parsed === null) {
    const beginning = JSON.stringify(text.slice(0, 80));
    const message =
      text.trim() === '' ? 'The answer is empty.' : `The answer is not JSON; it begins with ${beginning}.`;
    return { valid: false, message, problems: [] };
  }
  const checked = answer.schema.safeParse(parsed.value);
  if (checked.success) return { valid: true, value: checked.data };
  const problems = checked.error.issues
    .slice(0, problemLimit)
    .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
  const listed = problems
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  return { valid: false, message: `The answer is not a valid "${answer.name}": ${listed}`, problems };
};
