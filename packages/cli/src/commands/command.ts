import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Runs a command's work in its context and keeps the code it ends with. */
export type Start = (work: (context: Context) => Promise<ExitCode>) => Promise<void>;

/**
 * Adds a command: its name, arguments, flags and help. What it does is imported when it is run, so that help, completion and
 * mistakes are answered at once.
 */
export type RegisterCommand = (program: Command, start: Start) => void;
