import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

const asIs = (value: unknown): unknown => value;

/** Whatever JSON can say: what has no shape of its own. */
export const jsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON.',
  serialize: asIs,
  parseValue: asIs,
  parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables),
});

export const dateTimeScalar = new GraphQLScalarType({
  name: 'DateTime',
  description: 'A time, ISO 8601 in UTC.',
  serialize: asIs,
  parseValue: asIs,
});

const safeInteger = (value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GraphQLError(`${String(value)} is not a whole number.`, {
    extensions: { code: 'GRAPHQL_INVALID' },
  });
};

/** GraphQL's Int ends at 2^31: a large run has used more tokens than that. */
export const longScalar = new GraphQLScalarType({
  name: 'Long',
  description: 'A whole number, exact up to 2^53.',
  serialize: asIs,
  parseValue: safeInteger,
  parseLiteral: (node) => safeInteger(node.kind === Kind.INT ? Number(node.value) : null),
});
