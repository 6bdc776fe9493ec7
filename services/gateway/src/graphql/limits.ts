import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  type InlineFragmentNode,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

/** Selections in selections. The longest way through the graph that makes sense is eight. */
export const deepest = 12;
/** Things that an answer can have at the most, by the limits of its lists. */
export const mostCostly = 10_000;
/** Of a list that says nothing of its length. */
const usualPage = 50;
const fewInList = 10;
/** Fields looked at: fragments within fragments are short to write and long to read. */
const mostLookedAt = 20_000;

interface Place {
  readonly type: GraphQLNamedType | undefined;
  readonly depth: number;
  /** How often this selection is answered. */
  readonly times: number;
  /** Of the page around. */
  readonly page: number | null;
}

const refusal = (code: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code, status: 400 } });

/**
 * Looks at what an operation could answer before anything is asked. Introspection costs nothing.
 * @throws {GraphQLError} `GRAPHQL_TOO_DEEP`, `GRAPHQL_TOO_COSTLY`
 */
export const refuseTooMuch = (
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> = {},
): void => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions)
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  let cost = 0;
  let lookedAt = 0;

  const spend = (amount: number): void => {
    cost += amount;
    lookedAt += 1;
    if (cost > mostCostly || lookedAt > mostLookedAt)
      throw refusal(
        'GRAPHQL_TOO_COSTLY',
        `This could answer more than ${mostCostly} things. Ask for shorter lists, or in parts.`,
      );
  };

  const visit = ({ selections }: SelectionSetNode, place: Place): void => {
    if (place.depth > deepest)
      throw refusal('GRAPHQL_TOO_DEEP', `Selections are ${deepest} deep at the most.`);
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) visitField(selection, place);
      else visitFragment(selection, place);
    }
  };

  const visitFragment = (spread: InlineFragmentNode | FragmentSpreadNode, place: Place): void => {
    spend(0);
    const fragment = spread.kind === Kind.INLINE_FRAGMENT ? spread : fragments.get(spread.name.value);
    if (fragment) visit(fragment.selectionSet, place);
  };

  const visitField = (field: FieldNode, { type, depth, times, page }: Place): void => {
    const definition = isObjectType(type) ? type.getFields()[field.name.value] : undefined;
    // Introspection is not among the fields of a type; what has no fields of its own is part of what has it.
    if (!definition || !field.selectionSet) {
      spend(0);
      return;
    }
    const limit = limitOf(field, definition, variables);
    const all = times * lengthOf(definition, limit ?? page);
    spend(all);
    const inner = getNamedType(definition.type);
    visit(field.selectionSet, { type: inner, depth: depth + 1, times: all, page: limit });
  };

  for (const operation of document.definitions)
    if (operation.kind === Kind.OPERATION_DEFINITION)
      visit(operation.selectionSet, { type: rootOf(schema, operation), depth: 1, times: 1, page: null });
};

const rootOf = (
  schema: GraphQLSchema,
  { operation }: OperationDefinitionNode,
): GraphQLNamedType | undefined => schema.getRootType(operation) ?? undefined;

type Definition = GraphQLField<unknown, unknown>;

const lengthOf = ({ type }: Definition, limit: number | null): number =>
  isListType(getNullableType(type)) ? (limit ?? fewInList) : 1;

/** Of a list, or of the page that one is on; null where nothing is limited. */
const limitOf = (
  field: FieldNode,
  definition: Definition,
  variables: Readonly<Record<string, unknown>>,
): number | null => {
  if (!definition.args.some(({ name }) => name === 'limit')) return null;
  const given = field.arguments?.find(({ name }) => name.value === 'limit')?.value;
  const limit = given ? Number(valueFromASTUntyped(given, variables) ?? usualPage) : usualPage;
  return Number.isFinite(limit) ? Math.min(500, Math.max(1, limit)) : usualPage;
};
