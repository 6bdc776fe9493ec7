import { isPlain, type Operation, type OperationName, operations } from '@partitura/shared/http';
import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
} from 'graphql';
import { agentEvents } from './agent-events.ts';
import type { Fields } from './output-types.ts';

/** Types whose things stand at paths of their own. */
const collections: Readonly<Record<string, string>> = {
  Project: 'projects',
  Run: 'runs',
  Task: 'tasks',
  Agent: 'agents',
  Webhook: 'webhooks',
  Organization: 'organizations',
};

/** From a thing to the one it belongs to, or to who works on it. */
const upwards: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Run: { project: 'Project' },
  Task: { project: 'Project', run: 'Run', agent: 'Agent' },
  Agent: { project: 'Project', run: 'Run', task: 'Task' },
  Approval: { project: 'Project', run: 'Run' },
  Artifact: { project: 'Project', run: 'Run', task: 'Task' },
  Comment: { task: 'Task' },
  KnowledgeNode: { project: 'Project' },
};

export interface EdgeTypes {
  /** Of what an operation answers. */
  readonly resultOf: (name: OperationName) => GraphQLOutputType;
  /** Of what an operation takes beside the id of what it is asked of. */
  readonly argumentsOf: (name: OperationName) => GraphQLFieldConfigArgumentMap;
  readonly named: (typeName: string) => GraphQLOutputType;
}

/**
 * What leads from a type to others: downwards every read at `/<collection>/:id/<name>`, upwards what ids name, where fields of one
 * query are asked together (see `loaders.ts`).
 */
export const edgesFor =
  ({ resultOf, argumentsOf, named }: EdgeTypes) =>
  (typeName: string): Fields => {
    const fields: Fields = {};
    for (const { field, name } of downwardsFrom(collections[typeName])) {
      fields[field] = {
        type: resultOf(name),
        args: argumentsOf(name),
        description: operations[name].summary,
        resolve: (parent, given, { graph }) => graph.perform(name, { ...given, id: idIn(parent) }),
      };
    }
    for (const [field, target] of Object.entries(upwards[typeName] ?? {}))
      fields[field] = { type: named(target) };
    if (typeName === 'Task')
      fields.agents = {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(named('Agent')))),
        description: 'Who worked on it: one for each attempt.',
      };
    if (typeName === 'Agent') fields.events = agentEvents(named('CloudEvent'));
    return fields;
  };

const downwardsFrom = (collection: string | undefined): { field: string; name: OperationName }[] => {
  const table = Object.entries(operations) as [OperationName, Operation][];
  return table.flatMap(([name, operation]) => {
    const { method, path } = operation;
    const [, first, id, field, ...rest] = path.split('/');
    if (!isPlain(operation)) return [];
    const leads = method === 'GET' && first === collection && id === ':id' && field && rest.length === 0;
    return leads ? [{ field, name }] : [];
  });
};

export const idIn = (thing: unknown, field = 'id'): string | null => {
  const id: unknown = typeof thing === 'object' && thing !== null ? Reflect.get(thing, field) : null;
  return typeof id === 'string' ? id : null;
};
