import {
  type GraphQLEnumType as EnumType,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import { z } from 'zod';
import { dateTimeScalar, jsonScalar, longScalar } from './scalars.ts';

/** A schema without what says that nothing may be there, too. */
export interface Bare {
  readonly schema: z.ZodType;
  readonly optional: boolean;
}

/** What is around a schema says whether nothing may stand in its place. */
export const bareOf = (schema: z.ZodType): Bare => {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return { schema: bareOf(schema.unwrap() as z.ZodType).schema, optional: true };
  return { schema, optional: false };
};

export const pascal = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Enumerations are the same when they have the same values: a filter has the type of what it filters. */
export type Enumerations = Map<string, EnumType>;

const nameable = /^[_A-Za-z]\w*$/;

/** The type of a schema that has no fields; null for one that has, and for lists. */
export const leafOf = (
  schema: z.ZodType,
  name: string,
  enumerations: Enumerations,
): GraphQLScalarType | EnumType | null => {
  if (schema instanceof z.ZodObject || schema instanceof z.ZodArray) return null;
  if (schema instanceof z.ZodEnum) return enumerationOf(schema.options.map(String), name, enumerations);
  if (schema instanceof z.ZodISODateTime) return dateTimeScalar;
  if (schema instanceof z.ZodBoolean) return GraphQLBoolean;
  if (schema instanceof z.ZodNumber) return schema.isInt ? longScalar : GraphQLFloat;
  const { type } = schema.def;
  return type === 'string' || type === 'literal' ? GraphQLString : jsonScalar;
};

const enumerationOf = (
  values: readonly string[],
  name: string,
  enumerations: Enumerations,
): GraphQLScalarType | EnumType => {
  if (!values.every((value) => nameable.test(value))) return GraphQLString;
  const key = [...values].sort().join(' ');
  const made =
    enumerations.get(key) ??
    new GraphQLEnumType({ name, values: Object.fromEntries(values.map((value) => [value, { value }])) });
  enumerations.set(key, made);
  return made;
};
