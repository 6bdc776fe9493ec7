import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

/** RFC 8785, written for clearness. */
const reference = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  members.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${reference(item)}`).join(',')}}`;
};

describe('canonical JSON', () => {
  it('is what the specification says, for every value that JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(canonicalJson(value)).toBe(reference(value));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same whatever order the keys were written in, and survives being parsed', () => {
    const keys = fc.uniqueArray(fc.oneof(fc.string(), fc.nat().map(String), fc.constant('__proto__')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(keys, fc.infiniteStream(fc.jsonValue()), (names, values) => {
        const entries = names.map((name) => [name, values.next().value] as const);
        const text = canonicalJson(Object.fromEntries(entries));
        expect(canonicalJson(Object.fromEntries(entries.toReversed()))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('sorts by UTF-16 units, numbers among the others', () => {
    expect(canonicalJson({ b: 1, 10: 1, 9: 1, '😀': 1, ﬁ: 1, a: { z: 1, y: 2 } })).toBe(
      '{"10":1,"9":1,"a":{"y":2,"z":1},"b":1,"😀":1,"ﬁ":1}',
    );
  });

  it('leaves out what is undefined and asks objects that know their JSON', () => {
    expect(canonicalJson({ at: new Date(0), gone: undefined })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
    expect(canonicalJson(-0)).toBe('0');
    expect(canonicalJson('\ud800')).toBe(String.raw`"\ud800"`);
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([
    [undefined],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1n],
    [() => 1],
    [Symbol('s')],
    [[undefined]],
    [{ a: { b: 1n } }],
    [{ 1: Number.NaN }],
    [cycle],
  ])('refuses what JSON cannot say: %p', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});
