import type { Filter } from 'mongodb';
import type { Bounds, Cursor, QueryPlan } from '../query-plan.ts';
import { fieldName, type StoredDocument, sortable } from './stored-document.ts';

type Condition = Filter<StoredDocument>;

export interface Selection {
  readonly filter: Condition;
  readonly sort: Readonly<Record<string, 1 | -1>>;
}

const present: Condition = { document: { $ne: null } };

/**
 * MongoDB compares a value with its like only: what is greater than 5 are numbers, never text. So a sorted field is taken as three
 * stretches, null, numbers and text, each of which is one stretch of the index; several are joined by an `$or` at the top, whose
 * branches MongoDB merges in the order of the index instead of sorting.
 */
export const selectPage = (plan: QueryPlan): Selection => {
  const direction = plan.descending ? -1 : 1;
  const field = fieldName(plan.sortField);
  const common = { ...present, ...conditionsOf(plan.conditions), ...withinOf(plan.within) };
  const branches = field === '_id' ? [ofIds(plan)] : ofField(field, plan);
  return {
    filter: oneOf(branches.map((branch) => ({ ...common, ...branch }))),
    sort: field === '_id' ? { _id: direction } : { [field]: direction, _id: direction },
  };
};

export const selectCount = (conditions: QueryPlan['conditions']): Condition => ({
  ...present,
  ...conditionsOf(conditions),
});

const conditionsOf = (conditions: QueryPlan['conditions']): Condition =>
  Object.fromEntries(
    conditions.map(([field, wanted]) => {
      const values = wanted.map(sortable);
      return [fieldName(field), values.length === 1 ? values[0] : { $in: values }];
    }),
  );

const withinOf = (within: QueryPlan['within']): Condition =>
  Object.fromEntries(within.map(([field, bounds]) => [fieldName(field), boundsOf(bounds)]));

/** As a condition on text; with no bounds at all, any text. */
const boundsOf = ({ from, to }: Bounds): object =>
  from === undefined && to === undefined
    ? { $type: 'string' }
    : { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) };

const oneOf = (branches: readonly Condition[]): Condition => {
  const [only] = branches;
  if (only === undefined) return { _id: { $in: [] } };
  return branches.length === 1 ? only : { $or: [...branches] };
};

const ofIds = ({ between: { from, to }, after, descending }: QueryPlan): Condition => {
  const bounds = {
    ...(from === undefined ? {} : { $gte: from }),
    ...(to === undefined ? {} : { $lte: to }),
    ...(after ? { [further(descending)]: after.id } : {}),
  };
  return Object.keys(bounds).length === 0 ? {} : { _id: bounds };
};

const further = (descending: boolean): '$lt' | '$gt' => (descending ? '$lt' : '$gt');

/** In the order of the port: null, numbers, text. */
type Kind = 0 | 1 | 2;
interface Stretch {
  readonly kind: Kind;
  readonly bounds: object | null;
}

const kindOf = (value: Cursor['value']): Kind => {
  if (value === null) return 0;
  return typeof value === 'number' ? 1 : 2;
};

const ofField = (field: string, { between, after, descending }: QueryPlan): readonly Condition[] => {
  const { from, to } = between;
  const isWhole = from === undefined && to === undefined;
  if (isWhole && !after) return [{}];
  const stretches: readonly Stretch[] = [
    ...(isWhole ? [{ kind: 0, bounds: null } as const] : []),
    ...(from === undefined ? [{ kind: 1, bounds: { $type: 'number' } } as const] : []),
    { kind: 2, bounds: boundsOf(between) },
  ];
  if (!after) return stretches.map(({ bounds }) => ({ [field]: bounds }));
  return stretches.flatMap((stretch) => beyond(field, stretch, after, descending));
};

/** What of a stretch comes after the cursor. */
const beyond = (
  field: string,
  { kind, bounds }: Stretch,
  { value, id }: Cursor,
  descending: boolean,
): readonly Condition[] => {
  const cursorKind = kindOf(value);
  if (kind !== cursorKind) return kind < cursorKind === descending ? [{ [field]: bounds }] : [];
  const operator = further(descending);
  const same = { [field]: value, _id: { [operator]: id } };
  return value === null ? [same] : [same, { [field]: { ...bounds, [operator]: value } }];
};
