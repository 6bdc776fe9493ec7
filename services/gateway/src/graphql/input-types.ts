import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { z } from 'zod';
import { jsonScalar } from './scalars.ts';
import { bareOf, type Enumerations, leafOf, pascal } from './zod-types.ts';

export interface InputTypes {
  of(schema: z.ZodType, name: string): GraphQLInputType;
  /** Each field of a flat schema as an argument. */
  argumentsOf(schema: z.ZodType, name: string): GraphQLFieldConfigArgumentMap;
}

/** The types of what operations take. What they say of values beyond that, the schemas check. */
export const inputTypes = (enumerations: Enumerations): InputTypes => {
  const made = new Map<z.ZodType, GraphQLInputObjectType>();

  const typeOf = (schema: z.ZodType, name: string): GraphQLInputType => {
    const bare = bareOf(schema);
    const type = required(bare.schema, name);
    return bare.optional ? type : new GraphQLNonNull(type);
  };

  const required = (schema: z.ZodType, name: string) => {
    if (schema instanceof z.ZodArray) return new GraphQLList(typeOf(schema.element as z.ZodType, name));
    if (!(schema instanceof z.ZodObject)) return leafOf(schema, name, enumerations) ?? jsonScalar;
    const known = made.get(schema);
    if (known) return known;
    // An object without fields cannot be said in GraphQL.
    if (Object.keys(schema.shape).length === 0) return jsonScalar;
    const type = new GraphQLInputObjectType({ name, fields: () => fieldsOf(schema, name) });
    made.set(schema, type);
    return type;
  };

  const fieldsOf = (schema: z.ZodObject, name: string): GraphQLInputFieldConfigMap =>
    Object.fromEntries(
      Object.entries(schema.shape as Record<string, z.ZodType>).map(([field, one]) => [
        field,
        { type: typeOf(one, inputName(name, field)) },
      ]),
    );

  return {
    of: typeOf,
    argumentsOf: (schema, name) => {
      if (!(schema instanceof z.ZodObject)) return {};
      return Object.fromEntries(
        Object.entries(schema.shape as Record<string, z.ZodType>).map(([field, one]) => [
          field,
          { type: isId(field) ? idOf(one) : typeOf(one, `${name}${pascal(field)}`) },
        ]),
      );
    },
  };
};

const inputName = (name: string, field: string): string =>
  `${name.replace(/Input$/, '')}${pascal(field)}Input`;

const isId = (field: string): boolean => field === 'id' || field.endsWith('Id');
const idOf = (schema: z.ZodType): GraphQLInputType =>
  bareOf(schema).optional ? GraphQLID : new GraphQLNonNull(GraphQLID);
