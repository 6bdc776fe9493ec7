import type { Requirement } from '../../../planning/plan-document.ts';

/** What a template is given to write about. */
export interface Subject {
  /** Unique in its module. */
  readonly name: string;
  readonly requirement: Requirement;
}

/** Working code for one requirement, with a test that fails when the code is wrong. */
export interface Behaviour {
  /** Begins with `export const <name>`. */
  readonly code: string;
  /** The body of one test; `assert` is there. */
  readonly test: string;
  /** Put in place of the first, the second breaks the code in a way that the test finds. */
  readonly defect: readonly [from: string, to: string];
}

export type Template = (subject: Subject) => Behaviour;

/** Any text as a JavaScript literal in single quotes. */
export const literal = (text: string): string =>
  `'${JSON.stringify(text.toWellFormed())
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')}'`;
