import { namedSchemas } from '@partitura/shared/http';
import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Which side of a schema with defaults is meant: what may be sent, or what comes out. */
type Side = 'input' | 'output';

const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(namedSchemas)) names.add(schema, { id });

type Override = NonNullable<z.core.ToJSONSchemaParams['override']>;

/**
 * What zod says beyond what a reader wants to know: an expression of 250 characters that takes leap years into account, where the
 * format says that it is a time, and that a whole number is one that a number can hold.
 */
export const plainer: Override = ({ zodSchema, jsonSchema }) => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const description = z.globalRegistry.get(zodSchema)?.description;
  if (description !== undefined) jsonSchema.description = description;
};

/** The schemas of a document: those that have a name stand once, beside the rest. */
export interface SchemaCollection {
  /** With references to the named ones. */
  of(schema: z.ZodType, side: Side): JsonSchema;
  readonly named: () => Readonly<Record<string, JsonSchema>>;
}

/** `place` is where the document keeps the named ones: `#/components/schemas`. */
export const schemaCollection = (place: string): SchemaCollection => {
  const collected = new Map<string, JsonSchema>();
  return {
    of: (schema, side) => {
      const { $schema, $defs, ...own } = z.toJSONSchema(schema, {
        io: side,
        metadata: names,
        // What JSON cannot say of a value is left open.
        unrepresentable: 'any',
        override: plainer,
      });
      for (const [id, definition] of Object.entries($defs ?? {}))
        collected.set(id, placed(definition, place) as JsonSchema);
      return placed(own, place) as JsonSchema;
    },
    named: () => Object.fromEntries([...collected].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
};

/** zod names them below `$defs`, with the id in each. */
const placed = (value: unknown, place: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => placed(one, place));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) =>
    key === '$ref' && typeof one === 'string'
      ? [key, one.replace('#/$defs', place)]
      : [key, placed(one, place)],
  );
  return Object.fromEntries(entries);
};
