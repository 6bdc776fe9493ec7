import { PartituraError } from '@partitura/shared/runtime';

/** Status of every code that answers a request; a code that stands nowhere is a defect of ours, and a 500. */
const statuses: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  MALFORMED_JSON: 400,
  BAD_URL: 400,
  GRAPHQL_INVALID: 400,
  GRAPHQL_TOO_COSTLY: 400,
  GRAPHQL_TOO_DEEP: 400,
  MALFORMED_HTTP: 400,
  INVALID_POSITION: 400,
  KEY_EXPIRED: 401,
  KEY_REQUIRED: 401,
  KEY_REVOKED: 401,
  KEY_UNKNOWN: 401,
  SIGNATURE_REFUSED: 401,
  TOKEN_AUDIENCE: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_INVALID: 401,
  TOKEN_ISSUER: 401,
  HOST_NOT_ALLOWED: 403,
  INSTALLATION_ONLY: 403,
  OPERATION_NOT_FOR_ORGANIZATION: 403,
  ROLE_TOO_LOW: 403,
  SCOPE_MISSING: 403,
  NOT_A_MEMBER: 403,
  ORIGIN_NOT_ALLOWED: 403,
  QUOTA_EXCEEDED: 403,

  AGENT_NOT_FOUND: 404,
  APPROVAL_NOT_FOUND: 404,
  ARTIFACT_NOT_FOUND: 404,
  BLOB_NOT_FOUND: 404,
  DELIVERY_NOT_FOUND: 404,
  KNOWLEDGE_NOT_FOUND: 404,
  NO_SUCH_ROUTE: 404,
  PLAN_NOT_FOUND: 404,
  PROJECT_NOT_FOUND: 404,
  PROJECTION_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
  WORKFLOW_NOT_FOUND: 404,
  MOMENT_BEFORE_RUN: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  REQUEST_TIMED_OUT: 408,

  IDEMPOTENCY_IN_PROGRESS: 409,
  LAST_OWNER: 409,
  RUN_BLOB_CORRUPT: 409,
  RUN_BLOB_MISSING: 409,
  RUN_NOT_ENDED: 409,
  RUN_IS_EXCERPT: 409,
  SUBJECT_KEYS_NOT_CONFIGURED: 409,
  SUBJECT_KEY_NOT_READABLE: 500,
  SUBJECT_KEYS_FAILED: 503,
  RUNS_OF_DIFFERENT_PROJECTS: 409,
  RUN_WITHOUT_REPOSITORY: 409,
  BUNDLE_CONFLICT: 409,
  STREAM_REVISION_CONFLICT: 409,
  TOO_MANY_TOPICS: 409,
  STALE_REVISION: 412,
  BODY_TOO_LARGE: 413,
  EVENT_TOO_LARGE: 413,
  PRD_TOO_LARGE: 413,
  URL_TOO_LONG: 414,
  CONTENT_ENCODING_NOT_SUPPORTED: 415,
  MEDIA_TYPE_NOT_SUPPORTED: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  BUNDLE_DAMAGED: 422,
  BUNDLE_FROM_NEWER_VERSION: 422,
  BUNDLE_NOT_TRUSTED: 422,
  DETACHED_HEAD: 422,
  NOT_A_REPOSITORY: 422,
  MODEL_NOT_CONFIGURED: 422,
  MODEL_NOT_FOUND: 422,
  MODEL_PRICE_UNKNOWN: 422,
  MODEL_UNAUTHORIZED: 422,
  BUDGET_EXCEEDED: 422,
  // What a request names and there is none of, like a model or a repository.
  UNKNOWN_WORKFLOW: 422,
  RATE_LIMITED: 429,
  UPGRADE_REQUIRED: 426,
  HEADERS_TOO_LARGE: 431,

  EVENT_NOT_READABLE: 500,
  HANDLER_FAILED: 500,
  INTERNAL_ERROR: 500,
  INVALID_EVENT: 500,
  INVALID_NAMESPACE: 500,
  KEYS_REQUIRED: 500,
  NOT_A_SERVICE: 500,
  REDUCER_FAILED: 500,
  SERVICE_KEY_REFUSED: 500,
  UNKNOWN_INDEX: 500,
  OPERATION_NOT_AVAILABLE: 501,
  PLANNER_STOPPED: 503,
  SERVICE_STARTING: 503,
  READ_MODEL_BEHIND: 503,
  STORE_BUSY: 503,
  IDENTITY_PROVIDER_UNREACHABLE: 503,
  SERVICE_UNREACHABLE: 503,
  SERVER_STOPPING: 503,
};

/** Families of codes, where the beginning or the end of the name says what kind it is. */
const families: readonly (readonly [RegExp, number])[] = [
  // An engine is away: what was asked for may be fine, and asked again in a moment.
  [/^(STORE|BUS|QUEUE|BLOB_STORE|READ_MODELS|KNOWLEDGE)_(UNREACHABLE|BEHIND|CLOSED|READ_ONLY)$/, 503],
  [/^(QUEUE|KNOWLEDGE)_OUT_OF_|^(BLOB|READ_MODELS|STORE)_DISK_FULL$/, 503],
  [/^(BAD|UNKNOWN)_/, 400],
  [
    /^WRONG_|^NOT_PAUSED$|^NOTHING_TO_|_NOT_PENDING$|^ALREADY_|_ALREADY_|_(ENDED|ARCHIVED|DECIDED|EXPIRED|RUNNING|MOVED)$/,
    409,
  ],
  [
    /^(PRD|GOAL|GIT|INVALID_WORKFLOW|REPOSITORY|BASE_BRANCH|BRANCH_NAME|WORKFLOW|BUDGET|PLAN_INVALID)(_|$)/,
    422,
  ],
  // After those that are about what a request brings: a model, a repository.
  [/_NOT_FOUND$/, 404],
  // An engine that is not as it has to be, and what is said of it at a start: nothing that whoever asks could mend.
  [/^(BLOB|BUS|DATA_DIRECTORY|ENGINE|EVENT_STORE|KNOWLEDGE|QUEUE|READ_MODELS|SECRET|STORE)_/, 500],
];

const listedStatus = (code: string): number | undefined =>
  Object.hasOwn(statuses, code) ? statuses[code] : families.find(([pattern]) => pattern.test(code))?.[1];

/** Whether somebody thought of what this code answers. */
export const isListed = (code: string): boolean => listedStatus(code) !== undefined;

/** 500 for what nobody foresaw. */
export const statusOf = (code: string): number => listedStatus(code) ?? 500;

/** What fastify itself refuses, with our codes. */
const ofFastify: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['MEDIA_TYPE_NOT_SUPPORTED', 'Bodies are application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'The body is larger than this server takes.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'The body is not as long as its Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['MALFORMED_JSON', 'The body is not JSON.'],
  FST_ERR_BAD_URL: ['BAD_URL', 'The URL cannot be decoded.'],
  FST_ERR_HANDLER_TIMEOUT: ['REQUEST_TIMED_OUT', 'The request took too long.'],
};

/** Whatever was thrown, as an error of ours; null for a defect, of which nothing is told outside. */
export const knownError = (error: unknown): PartituraError | null => {
  if (error instanceof PartituraError) return statusOf(error.code) === 500 ? null : error;
  if (typeof error !== 'object' || error === null) return null;
  const translated = ofFastify[String(Reflect.get(error, 'code'))];
  if (translated) return new PartituraError(translated[0], translated[1]);
  // What the parser of bodies throws: nothing else has both.
  if (Reflect.get(error, 'name') === 'SyntaxError' && Reflect.get(error, 'statusCode') === 400)
    return new PartituraError('MALFORMED_JSON', 'The body is not JSON.');
  return null;
};
