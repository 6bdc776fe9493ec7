import { confirm as clackConfirm, isCancel } from '@clack/prompts';

/** Asks yes or no; a Ctrl-C is a no. Only where `canAsk`. */
export const confirm = async (message: string): Promise<boolean> => {
  const answer = await clackConfirm({ message, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
};
