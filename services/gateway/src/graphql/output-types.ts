import { namedSchemas } from '@partitura/shared/http';
import {
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import { z } from 'zod';
import type { GraphContext } from './context.ts';
import { bareOf, type Enumerations, leafOf, pascal } from './zod-types.ts';

export type Fields = GraphQLFieldConfigMap<unknown, GraphContext>;

export interface OutputTypes {
  /** `name` is for what has none of its own. */
  of(schema: z.ZodType, name: string): GraphQLOutputType;
}

export interface OutputTypeOptions {
  readonly enumerations: Enumerations;
  /** What leads from a named type to others. Asked when all types are there. */
  readonly edgesOf: (typeName: string) => Fields;
}

const ownNames = new Map(Object.entries(namedSchemas).map(([name, schema]) => [schema, name]));

/** The types of what operations answer, from the very schemas that say what they answer. */
export const outputTypes = ({ enumerations, edgesOf }: OutputTypeOptions): OutputTypes => {
  const made = new Map<string, GraphQLObjectType<unknown, GraphContext>>();

  const typeOf = (schema: z.ZodType, name: string): GraphQLOutputType => {
    const bare = bareOf(schema);
    const type = required(bare.schema, name);
    return bare.optional ? type : new GraphQLNonNull(type);
  };

  const required = (schema: z.ZodType, name: string) => {
    if (schema instanceof z.ZodArray) return new GraphQLList(typeOf(schema.element as z.ZodType, name));
    if (schema instanceof z.ZodObject) return objectOf(schema, nameOf(schema, name));
    return leafOf(schema, name, enumerations) ?? never(name);
  };

  const objectOf = (schema: z.ZodObject, name: string): GraphQLObjectType<unknown, GraphContext> => {
    const known = made.get(name);
    if (known) return known;
    const type = new GraphQLObjectType<unknown, GraphContext>({
      name,
      fields: () => withEdges(fieldsOf(schema, name), edgesOf(name)),
    });
    made.set(name, type);
    return type;
  };

  const fieldsOf = (schema: z.ZodObject, name: string): Fields =>
    Object.fromEntries(
      Object.entries(schema.shape as Record<string, z.ZodType>).map(([field, one]) => [
        field,
        {
          type: typeOf(one, `${name}${pascal(singular(field))}`),
          resolve: (parent) => fieldOf(parent, field),
        },
      ]),
    );

  return { of: typeOf };
};

const never = (name: string): never => {
  throw new TypeError(`${name} has no type in GraphQL.`);
};

const fieldOf = (parent: unknown, field: string): unknown =>
  typeof parent === 'object' && parent !== null ? Reflect.get(parent, field) : undefined;

const singular = (name: string): string => name.replace(/s$/, '');

/** By its own name; a page by that of what stands on it. */
const nameOf = (schema: z.ZodObject, name: string): string => {
  const own = ownNames.get(schema);
  if (own !== undefined) return own;
  const items: unknown = 'nextCursor' in schema.shape ? schema.shape.items : undefined;
  if (!(items instanceof z.ZodArray)) return name;
  const item = ownNames.get(items.element as z.ZodType);
  return item === undefined ? name : `${item}Page`;
};

/** A run says how many tasks it has under the very name that leads to them: the number is `taskCounts` in the graph. */
const withEdges = (fields: Fields, edges: Fields): Fields => {
  const named = Object.entries(fields).map(([field, config]) => {
    if (!(field in edges)) return [field, config];
    const many = String(config.type).startsWith('Long') ? 'Count' : 'Counts';
    return [`${singular(field)}${many}`, config];
  });
  return { ...Object.fromEntries(named), ...edges };
};
