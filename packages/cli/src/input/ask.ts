import { confirm as clackConfirm, isCancel } from '@clack/prompts';
import type { Context } from '../context.ts';

/** Whether somebody can be asked: a terminal on both sides, and nobody said `--no-input`. */
export const canAsk = ({ flags, stdin, terminal }: Context): boolean =>
  flags.input && stdin.isTTY === true && terminal.interactive;

/** Asks yes or no; a Ctrl-C is a no. Only where `canAsk`. */
export const confirm = async (message: string): Promise<boolean> => {
  const answer = await clackConfirm({ message, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
};
