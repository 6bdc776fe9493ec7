import { InvalidArgumentError } from 'commander';

/** Values of flags. What they throw names the flag, and exits with 2. */

export const dollarsFlag = (text: string): number => {
  const amount = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(amount))
    throw new InvalidArgumentError('It has to be an amount of US dollars, for example 5 or 0.50.');
  if (amount < 0.000001)
    throw new InvalidArgumentError('With nothing to spend, nothing can be done; leave it out for no limit.');
  return amount;
};

/** A whole number of at least one. */
export const countFlag =
  (what: string, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(count) || count < 1 || count > most) {
      const limit = most === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${most}`;
      throw new InvalidArgumentError(`It has to be a whole number of ${what}, at least 1${limit}.`);
    }
    return count;
  };
