import {
  isPlain,
  namedSchemas,
  type Operation,
  type OperationName,
  operations,
} from '@partitura/shared/http';
import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getNullableType,
} from 'graphql';
import { z } from 'zod';
import { edgesFor } from './edges.ts';
import { type InputTypes, inputTypes } from './input-types.ts';
import { type Fields, type OutputTypes, outputTypes } from './output-types.ts';
import { subscriptionFields } from './subscriptions.ts';
import { bareOf, type Enumerations, leafOf, pascal } from './zod-types.ts';

/** Files are no part of a graph. */
const table = (Object.entries(operations) as [OperationName, Operation][]).filter(([, one]) => isPlain(one));

/** The read model as a graph: every read of the table of operations is a query, every command a mutation. */
export const graphSchema = (): GraphQLSchema => {
  const enumerations = namedEnumerations();
  const inputs = inputTypes(enumerations);
  const outputs: OutputTypes = outputTypes({
    enumerations,
    edgesOf: (typeName) => edgesOf(typeName),
  });
  const named = (typeName: string) => getNullableType(outputs.of(schemaNamed(typeName), typeName));
  const resultOf = (name: OperationName) =>
    getNullableType(outputs.of(operations[name].result, `${pascal(name)}Result`));
  const edgesOf = edgesFor({
    named,
    resultOf,
    argumentsOf: (name) => inputs.argumentsOf(operations[name].query, pascal(name)),
  });

  const queries: Fields = {};
  for (const [name, operation] of table.filter(([, { method }]) => method === 'GET'))
    queries[queryName(name, queries)] = {
      type: resultOf(name),
      description: operation.summary,
      args: {
        ...inputs.argumentsOf(operation.params, pascal(name)),
        ...inputs.argumentsOf(operation.query, pascal(name)),
      },
      resolve: (_, given, { graph }) => graph.perform(name, given),
    };

  const mutations: Fields = {};
  for (const [name, operation] of table.filter(([, { method }]) => method !== 'GET'))
    mutations[name] = {
      type: resultOf(name),
      description: operation.summary,
      args: commandArguments(name, operation, inputs),
      resolve: (_, given, { graph }) => graph.perform(name, given),
    };

  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: queries }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: mutations }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: () => subscriptionFields({ event: named('CloudEvent'), run: named('Run') }),
    }),
  });
};

/** The status of a run is called `RunStatus` wherever it stands, also in the filter that was met first. */
const namedEnumerations = (): Enumerations => {
  const enumerations: Enumerations = new Map();
  for (const [name, schema] of Object.entries(namedSchemas)) {
    const fields =
      schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : [];
    for (const [field, one] of fields) {
      const bare = bareOf(one).schema;
      if (bare instanceof z.ZodEnum) leafOf(bare, `${name}${pascal(field)}`, enumerations);
    }
  }
  return enumerations;
};

const schemaNamed = (name: string): z.ZodType => {
  const schema = namedSchemas[name];
  if (schema) return schema;
  throw new TypeError(`No schema is called ${name}.`);
};

/** `getRun` is `run`, `listRuns` is `runs`; where one and many have the same name, the many keep their verb. */
const queryName = (name: OperationName, taken: Fields): string => {
  const bare = name.replace(/^(get|list)(?=[A-Z])/, '');
  const short = `${bare.charAt(0).toLowerCase()}${bare.slice(1)}`;
  const clashes = short in taken || (name.startsWith('list') && `get${bare}` in operations);
  return clashes ? name : short;
};

const commandArguments = (
  name: OperationName,
  { params, body }: Operation,
  inputs: InputTypes,
): GraphQLFieldConfigArgumentMap => {
  const takes = body instanceof z.ZodObject && Object.keys(body.shape).length > 0;
  const input = takes ? inputs.of(body, `${pascal(name)}Input`) : null;
  return {
    ...inputs.argumentsOf(params, pascal(name)),
    // A command whose fields are all optional needs none.
    ...(input ? { input: { type: body?.safeParse({}).success ? getNullableType(input) : input } } : {}),
    idempotencyKey: {
      type: GraphQLString,
      description: 'The same key again gets the first answer, for a day.',
    },
    ifRevision: { type: GraphQLInt, description: 'Refused when it is at another revision by now.' },
  };
};
