import { z } from 'zod';
import { defineOperation } from '../operation.ts';

export const byId = z.strictObject({ id: z.string().min(1).max(200) });
export const nothing = z.strictObject({});
/** Every GET waits, bounded, until its read model has come to `after`. */
export const reading = { after: z.string().optional() };
export const read = z.strictObject(reading);
export const paging = {
  ...reading,
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().optional(),
};
export const paged = z.strictObject(paging);
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
/** What every command answers: where the log stands after it. */
export const accepted = z.strictObject({ id: z.string(), position: z.string() });
/** Bytes: a PRD of 10 MB comes as JSON, to be refused with its own code. */
export const prdBodyLimit = 16 * 1024 * 1024;
export const reason = z.strictObject({ reason: z.string().max(2_000).default('') });

export const command = <Body extends z.ZodType | null>(path: string, summary: string, body: Body) =>
  defineOperation({
    method: 'POST',
    path,
    owner: 'orchestrator',
    role: 'operator',
    summary,
    params: byId,
    query: nothing,
    body,
    result: accepted,
    status: 202,
  });

export type Reader = 'projections' | 'knowledge' | 'planner' | 'orchestrator' | 'gateway';

export const reader = <Params extends z.ZodType, Query extends z.ZodType, Result extends z.ZodType>(
  path: string,
  summary: string,
  params: Params,
  shape: Query,
  result: Result,
  owner: Reader,
) =>
  defineOperation({
    method: 'GET',
    path,
    owner,
    role: 'viewer',
    summary,
    params,
    query: shape,
    body: null,
    result,
    status: 200,
  });

export const query = <Query extends z.ZodType, Result extends z.ZodType>(
  path: string,
  summary: string,
  shape: Query,
  result: Result,
  owner: Reader = 'projections',
) => reader(path, summary, nothing, shape, result, owner);

/** Of one thing: its path names an id. */
export const queryOf = <Query extends z.ZodType, Result extends z.ZodType>(
  path: `${string}/:id${string}`,
  summary: string,
  shape: Query,
  result: Result,
  owner: Reader = 'projections',
) => reader(path, summary, byId, shape, result, owner);

export const budgetInput = z.strictObject({
  usd: z.number().positive().optional(),
  tokens: z.int().positive().optional(),
  wallMs: z.int().positive().optional(),
  onExceed: z.enum(['stop', 'pause']).default('stop'),
});
