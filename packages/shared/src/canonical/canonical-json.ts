import { configure } from 'safe-stable-stringify';

const stringifySlowly = configure({ bigint: false, circularValue: Error, strict: true, deterministic: true });

/** JSON text of more levels is an accident, most likely a cycle. */
const deepest = 500;

/** Thrown by the copier, and caught here: an object literal cannot hold the keys of this value in the order we want. */
const unorderable = Symbol('unorderable');

/**
 * JSON with its keys in UTF-16 order and no white space (RFC 8785 for what JSON.stringify can say): the same value is the
 * same text on every machine, which is what a hash chain needs.
 *
 * The engine's own JSON.stringify writes a copy whose keys stand in order: half the time of a serialiser in JavaScript.
 * @throws {TypeError} on what JSON cannot say: a bigint, a function, a symbol, NaN, undefined in a list, a cycle.
 */
export const canonicalJson = (value: unknown): string => canonicalForm(value).text;

export interface CanonicalForm {
  readonly text: string;
  /** What `JSON.parse(text)` gives: a copy that shares nothing with the value it was made of. */
  readonly value: unknown;
}

/**
 * The text with the value that reading it will give, which costs nothing more than the text.
 * @throws {TypeError} as `canonicalJson` does
 */
export const canonicalForm = (value: unknown): CanonicalForm => {
  try {
    const copy = orderedCopy(value, 0);
    return { text: JSON.stringify(copy), value: copy };
  } catch (error) {
    if (error !== unorderable) throw error;
    const text = awkwardJson(value);
    return { text, value: JSON.parse(text) };
  }
};

const awkwardJson = (value: unknown): string => {
  try {
    return stringifySlowly(value) ?? refuse('undefined');
  } catch (cause) {
    throw new TypeError('A value in it has no JSON.', { cause });
  }
};

const refuse = (what: string): never => {
  throw new TypeError(`${what} has no JSON.`);
};

const orderedCopy = (value: unknown, depth: number): unknown => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON knows no -0.
      return Number.isFinite(value) ? value + 0 : refuse(String(value));
    case 'object':
      if (value === null) return null;
      if (depth === deepest) return refuse(`A value of more than ${deepest} levels, or a cycle,`);
      if (Array.isArray(value)) return orderedList(value, depth);
      return orderedObject(value as Readonly<Record<string, unknown>>, depth);
    default:
      return refuse(typeof value);
  }
};

const orderedList = (list: readonly unknown[], depth: number): unknown[] => {
  const copy: unknown[] = [];
  for (const item of list) copy.push(orderedCopy(item, depth + 1));
  return copy;
};

const orderedObject = (object: Readonly<Record<string, unknown>>, depth: number): unknown => {
  const { toJSON } = object;
  if (typeof toJSON === 'function') return orderedCopy(toJSON.call(object, ''), depth + 1);
  const keys = orderedKeys(object);
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    if (isAwkward(key)) throw unorderable;
    const item = object[key];
    if (item !== undefined) copy[key] = orderedCopy(item, depth + 1);
  }
  return copy;
};

/** Most objects have few keys, many have them in order already: an insertion sort costs nothing then. */
const orderedKeys = (object: Readonly<Record<string, unknown>>): readonly string[] => {
  const keys = Object.keys(object);
  if (keys.length > 40) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] as string;
    let index = end;
    while (index > 0 && (keys[index - 1] as string) > key) {
      keys[index] = keys[index - 1] as string;
      index -= 1;
    }
    keys[index] = key;
  }
  return keys;
};

/** Objects put keys like numbers first, by their value; and `__proto__` is not a key like others. */
const isAwkward = (key: string): boolean => {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57) || key === '__proto__';
};
