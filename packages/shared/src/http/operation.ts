import type { z } from 'zod';
import type { OrganizationId, roles } from '../events/index.ts';

/** From the one that may least to the one that may everything: see `roles`. */
export type Role = (typeof roles)[number];

/** What somebody may do: never more than the role, and of that what the scopes say. */
export interface Rights {
  readonly role: Role;
  /** Null: all that the role may. See `scopes.ts` of the gateway for what there is. */
  readonly scopes: readonly string[] | null;
}
export type OwnerService =
  | 'orchestrator'
  | 'planner'
  | 'agent-runner'
  | 'knowledge'
  | 'projections'
  | 'notifier'
  | 'gateway';

/**
 * One thing the API can do. The one source of its validation, its types, its place in OpenAPI, and of who answers it: the
 * gateway checks and forwards, the owner handles, in the same process or over HTTP.
 */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType | null = z.ZodType | null,
  Result extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, in fastify's notation: `/runs/:id/pause`. */
  readonly path: string;
  readonly owner: OwnerService;
  readonly role: Role;
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly result: Result;
  /** Status of success. */
  readonly status: 200 | 201 | 202 | 204;
  /** What a summary has no room for, for the document. */
  readonly description?: string;
  /**
   * Its answer has a secret in its field `secret`, shown once: whoever asks again with the same Idempotency-Key gets the same
   * answer with null there. So the field's schema takes null.
   */
  readonly secretAnswer?: true;
  /** Its body must not be in the log, not even as the hash that tells two requests with the same Idempotency-Key apart. */
  readonly privateBody?: true;
  /** The most bytes of its body. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** Its answer is bytes of one of these media types, not JSON: see `answersBytes`. */
  readonly answers?: readonly string[];
  /** Its body is bytes of one of these media types, not JSON: see `takesBytes`. */
  readonly takes?: readonly string[];
}

/** Whether all that goes to and fro is JSON, so that a graph can have it too. */
export const isPlain = ({ answers, takes }: Pick<Operation, 'answers' | 'takes'>): boolean =>
  answers === undefined && takes === undefined;

export const defineOperation = <
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType | null,
  Result extends z.ZodType,
>(
  operation: Operation<Params, Query, Body, Result>,
): Operation<Params, Query, Body, Result> => operation;

/** With what a call comes, beside its input. */
export interface CallContext {
  /** `user:<name>` or `key:<id>`. */
  readonly actor: string;
  /**
   * Whose things it may see and touch: what belongs to another is not found. Null: the whole installation, for whoever runs it
   * on a machine of their own; what it makes belongs to `defaultOrganization`.
   */
  readonly organizationId: OrganizationId | null;
  /** Who acts for that organisation runs the whole installation: what is on its disks is theirs to name. */
  readonly ownsInstallation?: true | undefined;
  /**
   * For the gateway's own operations, which give rights away: nobody gives more than they have, and who has none gives none. Other
   * owners are not told.
   */
  readonly rights?: Rights;
  readonly correlationId: string;
  /** Derived from `Idempotency-Key` when there is one: the same command again appends nothing. */
  readonly commandId: string;
  /** Revision the caller saw (`If-Match`); null when it does not matter. */
  readonly expectedRevision: number | null;
}

type Input<Type extends z.ZodType | null> = Type extends z.ZodType ? z.infer<Type> : null;

export interface OperationInput<Op extends Operation> {
  readonly params: z.infer<Op['params']>;
  readonly query: z.infer<Op['query']>;
  readonly body: Input<Op['body']>;
}

export type OperationOutput<Op extends Operation> = z.infer<Op['result']>;

export type OperationHandler<Op extends Operation> = (
  input: OperationInput<Op>,
  context: CallContext,
) => Promise<OperationOutput<Op>>;
