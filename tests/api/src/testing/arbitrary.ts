import fc, { type Arbitrary } from 'fast-check';
import type { JsonSchema } from './document.ts';

/** What people and programs send that nobody had in mind. */
const odd = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    'é'.normalize('NFD'),
    '💥',
    '__proto__',
    'constructor',
  ),
  fc.constantFrom(
    '../../etc/passwd',
    '%2e%2e%2f',
    "' or 1=1 --",
    '$(id)',
    '-1',
    '1e999',
    'null',
    'undefined',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(300, 5_000, 40_000).map((length) => 'x'.repeat(length)),
);

/** Text for where the document says nothing of what it has to be. */
export const anyText: Arbitrary<string> = fc.oneof(fc.string({ maxLength: 12 }), odd);

export const anyJson: Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  odd,
  fc.constantFrom(0, -1, 1e308, 2 ** 53, -0, null, true, [], {}),
  fc.array(fc.constant(0), { minLength: 1_000, maxLength: 1_001 }),
);

const numberIn = (schema: JsonSchema, fallback: number, ...names: readonly string[]): number => {
  const given = names.map((name) => schema[name]).find((value) => typeof value === 'number');
  return typeof given === 'number' ? given : fallback;
};

const textFor = (schema: JsonSchema): Arbitrary<unknown> => {
  if (schema.format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100') })
      .map((date) => date.toISOString());
  if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern, 'u'));
  const minLength = numberIn(schema, 0, 'minLength');
  return fc.string({
    unit: 'grapheme',
    minLength,
    maxLength: Math.max(minLength, Math.min(40, numberIn(schema, 40, 'maxLength'))),
  });
};

const listsOf = (value: unknown): readonly JsonSchema[] => (Array.isArray(value) ? value : []);

type Resolve = (reference: string) => JsonSchema;

const objectFor = (schema: JsonSchema, resolve: Resolve): Arbitrary<unknown> => {
  const properties = Object.entries(Object(schema.properties) as Record<string, JsonSchema>);
  if (properties.length === 0)
    return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 });
  const requiredKeys = Array.isArray(schema.required) ? schema.required : [];
  const model = Object.fromEntries(properties.map(([name, one]) => [name, valueFor(one, resolve)]));
  return fc.record(model, { requiredKeys, noNullPrototype: true });
};

/** Values as a schema of the document wants them. */
export const valueFor = (schema: JsonSchema, resolve: Resolve): Arbitrary<unknown> => {
  if (typeof schema.$ref === 'string') return valueFor(resolve(schema.$ref), resolve);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choices = [...listsOf(schema.anyOf), ...listsOf(schema.oneOf)];
  if (choices.length > 0) return fc.oneof(...choices.map((one) => valueFor(one, resolve)));
  switch (schema.type) {
    case 'string':
      return textFor(schema);
    case 'integer':
      return fc.integer({
        min: numberIn(schema, -5, 'minimum', 'exclusiveMinimum'),
        max: numberIn(schema, 2 ** 31, 'maximum'),
      });
    case 'number':
      return fc.double({
        noNaN: true,
        min: numberIn(schema, -1e6, 'minimum', 'exclusiveMinimum'),
        max: numberIn(schema, 1e6, 'maximum'),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueFor(Object(schema.items), resolve), {
        minLength: numberIn(schema, 0, 'minItems'),
        maxLength: 4,
      });
    case 'object':
      return objectFor(schema, resolve);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
};

/** A value with something of it spoiled: a field too many, one of another kind, or none of it as it should be. */
export const spoiled = (value: unknown): Arbitrary<unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return anyJson;
  const names = Object.keys(value);
  const unknown = fc
    .tuple(fc.oneof(anyText, fc.constant('x')), anyJson)
    .map(([name, one]) => ({ ...value, [name]: one }));
  if (names.length === 0) return fc.oneof(unknown, anyJson);
  const changed = fc
    .tuple(fc.constantFrom(...names), anyJson)
    .map(([name, one]) => ({ ...value, [name]: one }));
  const less = fc
    .constantFrom(...names)
    .map((name) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)));
  return fc.oneof(unknown, changed, changed, less, anyJson);
};
