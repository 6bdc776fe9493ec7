import { type ExitCode, exitCodeOfError, exitCodes } from '../exit-codes.ts';
import type { Output } from './output.ts';

/** An error as a person and a program are told of it. */
export interface ReportedError {
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** What was thrown; a defect keeps its message and asks to be reported. */
export const reported = (error: unknown): ReportedError => {
  if (isOurs(error)) {
    const { code, message, advice, problems } = error;
    return { code, message, advice, problems };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'UNEXPECTED',
    message: `Something went wrong that should not: ${message}`,
    advice: 'Set PARTITURA_LOG_LEVEL=debug to see more, and report it with what it says.',
    problems: [],
  };
};

/** By its shape: what carries the class is not loaded for a command that was only mistyped. */
const isOurs = (error: unknown): error is Error & ReportedError =>
  error instanceof Error && 'advice' in error && 'problems' in error && 'code' in error;

/** Says it on stderr, with `--json` on stdout too, and answers with the code to exit with. */
export const reportError = (error: unknown, output: Output): ExitCode => {
  const told = reported(error);
  output.warn(`error[${told.code}] ${told.message}`);
  if (told.problems.length > 1)
    for (const { path, message } of told.problems) output.warn(`  ${path}: ${message}`);
  if (told.advice !== null) output.warn(`  ${told.advice}`);
  if (output.json) output.result({ error: told }, () => []);
  return told.code === 'UNEXPECTED' ? exitCodes.error : exitCodeOfError(told);
};
