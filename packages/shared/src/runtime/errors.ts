/**
 * An error that is part of the interface: a stable code for programs, what was wrong and where for people, and what to do
 * about it. Everything Partitura throws on purpose is one of these; anything else that surfaces is a defect.
 */
export class PartituraError extends Error {
  /** Upper snake case, never renamed. */
  readonly code: string;
  /** What the reader can do, as a sentence; null where there is nothing. */
  readonly advice: string | null;
  /** For bad input: which field, and what of it. */
  readonly problems: readonly { path: string; message: string }[];

  constructor(
    code: string,
    message: string,
    details: {
      advice?: string;
      problems?: readonly { path: string; message: string }[];
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PartituraError';
    this.code = code;
    this.advice = details.advice ?? null;
    this.problems = details.problems ?? [];
  }
}
