import type { ColumnType, ExportColumn } from '@partitura/shared/http';
import { z } from 'zod';
import { meaningOf } from './meanings.ts';

/** What stands in a cell. A number that is an int64 is whole; what is JSON is any value. */
export type Cell = unknown;

export interface Column extends ExportColumn {
  /** Where it stands in a row's object. */
  readonly path: readonly string[];
}

interface Bare {
  readonly schema: z.ZodType;
  readonly nullable: boolean;
}

const bareOf = (schema: z.ZodType, nullable = false): Bare => {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return bareOf(schema.unwrap() as z.ZodType, true);
  if (schema instanceof z.ZodDefault) return bareOf(schema.unwrap() as z.ZodType, nullable);
  return { schema, nullable };
};

const isScalar = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodString ||
  schema instanceof z.ZodStringFormat ||
  schema instanceof z.ZodEnum ||
  schema instanceof z.ZodLiteral ||
  schema instanceof z.ZodNumber ||
  schema instanceof z.ZodNumberFormat ||
  schema instanceof z.ZodBoolean;

const typeOf = (schema: z.ZodType): ColumnType => {
  if (schema instanceof z.ZodISODateTime) return 'timestamp';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'int64' : 'double';
  return isScalar(schema) ? 'string' : 'json';
};

/** An object of nothing but scalars, such as usage, is a column for each of them; all else that is no scalar is JSON. */
const flatShapeOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> | null => {
  if (!(schema instanceof z.ZodObject)) return null;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  return Object.values(shape).every((field) => isScalar(bareOf(field).schema)) ? shape : null;
};

/** The one source of an export's header, of its Parquet schema and of what is said of it. */
export const columnsOf = (
  resource: z.ZodObject,
  within: { readonly path: readonly string[]; readonly nullable: boolean } = { path: [], nullable: false },
): readonly Column[] =>
  Object.entries(resource.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, field]) => {
    const bare = bareOf(field);
    const path = [...within.path, name];
    const nullable = within.nullable || bare.nullable;
    const shape = within.path.length === 0 ? flatShapeOf(bare.schema) : null;
    if (shape) return columnsOf(z.object(shape), { path, nullable });
    const column = path.join('_');
    const meaning = field.description ?? bare.schema.description ?? meaningOf(column);
    return [{ name: column, type: typeOf(bare.schema), nullable, meaning, path }];
  });

/** Undefined where it is not said, which is null wherever a cell has to be. */
export const cellOf = (row: unknown, { path }: Column): Cell => {
  let value: unknown = row;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
};

/** As JSON text, where a cell can be nothing else. */
export const jsonText = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);
