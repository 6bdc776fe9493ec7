import { configure } from 'safe-stable-stringify';

const stringify = configure({ bigint: false, circularValue: Error, strict: true, deterministic: true });

/**
 * JSON with its keys in UTF-16 order and no white space (RFC 8785 for what JSON.stringify can say): the same value is the
 * same text on every machine, which is what a hash chain needs.
 * @throws {TypeError} on what JSON cannot say: a bigint, a function, NaN, a cycle.
 */
export const canonicalJson = (value: unknown): string => {
  const text = stringify(value);
  if (text === undefined) throw new TypeError('undefined has no JSON.');
  return text;
};
