import { sha256 } from '../canonical/index.ts';

/**
 * An id made from the command's, ten characters of base 32: a create that is sent again under the same idempotency key names
 * the same thing, and so creates nothing twice.
 */
export const idFrom = (prefix: string, commandId: string): string =>
  `${prefix}_${BigInt(`0x${sha256(`${prefix} ${commandId}`).slice(0, 13)}`)
    .toString(32)
    .padStart(11, '0')
    .slice(-10)}`;
