import type { Context } from '../context.ts';

/** Whether somebody can be asked: a terminal on both sides, and nobody said `--no-input`. */
export const canAsk = ({ flags, stdin, terminal }: Context): boolean =>
  flags.input && stdin.isTTY === true && terminal.interactive;
