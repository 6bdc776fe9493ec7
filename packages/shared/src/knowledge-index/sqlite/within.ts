import type { HybridQuery } from '../port.ts';

/** Of `nodes`: `and …` for what is asked for, and nothing for what is not: a condition that may be null would keep SQLite from its indexes. */
export const conditionsOf = ({
  organizationId,
  projectId,
}: Pick<HybridQuery, 'organizationId' | 'projectId'>): {
  readonly sql: string;
  readonly values: readonly string[];
} => {
  const wanted = Object.entries({ organization_id: organizationId, project_id: projectId }).flatMap(
    ([column, value]) => (value === null ? [] : [{ column, value }]),
  );
  return {
    sql: wanted.map(({ column }) => `and nodes.${column} = ?`).join(' '),
    values: wanted.map(({ value }) => value),
  };
};
