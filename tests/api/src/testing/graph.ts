import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { type Answer, type Ask, fieldIn } from './asking.ts';

export interface Graph {
  readonly schema: GraphQLSchema;
  ask(key: string, query: string, variables?: object): Promise<Answer>;
}

type Field = GraphQLField<unknown, unknown>;

export const readGraph = async (ask: Ask, key: string): Promise<Graph> => {
  const asking: Graph['ask'] = (by, query, variables) =>
    ask('POST', '/graphql', { key: by, body: { query, ...(variables ? { variables } : {}) } });
  const { json } = await asking(key, getIntrospectionQuery());
  return { schema: buildClientSchema(Reflect.get(Object(json), 'data')), ask: asking };
};

/** What there is to select of a type without arguments, so deep. */
const selectionOf = (field: Field, depth: number): string => {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return '';
  const selected = Object.values(type.getFields())
    .filter((one) => one.args.every((argument) => !isRequiredArgument(argument)))
    .filter((one) => isLeafType(getNamedType(one.type)) || (depth > 0 && one.name === 'items'))
    .map((one) => `${one.name}${selectionOf(one, depth - 1)}`);
  return ` { __typename ${selected.join(' ')} }`;
};

/** The field with these arguments as variables, those left out that it does not take. */
export const requestOf = (
  kind: 'query' | 'mutation',
  field: Field,
  given: Readonly<Record<string, unknown>>,
): { readonly query: string; readonly variables: object } => {
  const taken = field.args.filter(({ name }) => given[name] !== undefined);
  const declared = taken.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = taken.map(({ name }) => `${name}: $${name}`).join(', ');
  const call = `${field.name}${passed === '' ? '' : `(${passed})`}${selectionOf(field, 1)}`;
  return {
    query: `${kind}${declared === '' ? '' : `(${declared})`} { ${call} }`,
    variables: Object.fromEntries(taken.map(({ name }) => [name, given[name]])),
  };
};

/** The first error's code; null where there is none. */
export const graphCode = (answer: Answer): string | null => {
  const errors: unknown = Reflect.get(Object(answer.json), 'errors');
  if (!Array.isArray(errors) || errors.length === 0) return null;
  return fieldIn({ ...answer, json: Reflect.get(Object(errors[0]), 'extensions') }, 'code');
};
