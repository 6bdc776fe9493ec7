import type { Logger } from '@partitura/shared/runtime';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { knownError, statusOf } from '../errors.ts';

export interface FormattedErrors {
  readonly errors: GraphQLFormattedError[];
  /** Of the answer, when there are no data in it. */
  readonly status: number;
}

/** Errors with our codes in `extensions`. Of a defect nothing is told but the request's id. */
export const formattedErrors = (
  errors: readonly unknown[],
  requestId: string,
  logger: Logger,
): FormattedErrors => {
  const formatted = errors.flatMap(parts).map((error) => formattedError(error, requestId, logger));
  const status = Number(formatted[0]?.extensions?.status ?? 500);
  return { errors: formatted, status };
};

/** What was wrong with a document comes as one error with all of it inside. */
const parts = (error: unknown): readonly unknown[] => {
  const outer = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const inner: unknown = outer instanceof Error ? Reflect.get(outer, 'errors') : null;
  return Array.isArray(inner) && inner.length > 0 ? inner.map((one) => ofGraph(one, outer)) : [error];
};

/** What the GraphQL server says in plain words inside of an error that has a status. */
const ofGraph = (inner: unknown, outer: unknown): unknown => {
  const status = Number(outer instanceof Error ? Reflect.get(outer, 'statusCode') : 500);
  if (inner instanceof GraphQLError || !(inner instanceof Error) || !isOfServer(outer)) return inner;
  const code = status === 405 ? 'METHOD_NOT_ALLOWED' : 'GRAPHQL_INVALID';
  return new GraphQLError(inner.message, { extensions: { code, status } });
};

/** An error on its way to a subscriber, whom nobody formats errors for. */
export const refusalOf = (error: unknown, requestId: string, logger: Logger): GraphQLError => {
  const [first] = formattedErrors([error], requestId, logger).errors;
  return new GraphQLError(first?.message ?? '', { extensions: first?.extensions ?? {} });
};

const formattedError = (error: unknown, requestId: string, logger: Logger): GraphQLFormattedError => {
  const place = error instanceof GraphQLError ? placeOf(error) : {};
  const original = error instanceof GraphQLError ? error.originalError : error;
  const known = knownError(original);
  if (known) {
    const { code, message, advice, problems } = known;
    return {
      message,
      ...place,
      extensions: {
        code,
        status: statusOf(code),
        ...(advice === null ? {} : { advice }),
        ...(problems.length === 0 ? {} : { errors: problems }),
      },
    };
  }
  const named = isOfServer(original) ? ofNamedQuery(original) : null;
  if (named) return named;
  if (isAboutDocument(error, original)) {
    const { message, extensions } = error;
    return { message, ...place, extensions: { code: 'GRAPHQL_INVALID', status: 400, ...extensions } };
  }
  logger.error({ error: original, requestId }, 'a field failed');
  return {
    message: 'Something went wrong here; the server’s log says what, under this request’s id.',
    ...place,
    extensions: { code: 'INTERNAL_ERROR', status: 500, requestId },
  };
};

/** As clients of persisted queries know it: whether they send the text is decided by these very words. */
const ofNamedQuery = (error: unknown): GraphQLFormattedError | null => {
  switch (Reflect.get(Object(error), 'code')) {
    case 'MER_ERR_GQL_PERSISTED_QUERY_NOT_FOUND':
      return {
        message: 'PersistedQueryNotFound',
        extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', status: 200 },
      };
    case 'MER_ERR_GQL_PERSISTED_QUERY_NOT_SUPPORTED':
      return {
        message: 'PersistedQueryNotSupported',
        extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', status: 200 },
      };
    default:
      return null;
  }
};

const placeOf = ({ locations, path }: GraphQLError) => ({
  ...(locations ? { locations } : {}),
  ...(path ? { path } : {}),
});

/** What GraphQL itself says: of syntax, of fields that are not there, of values of other types. */
const isAboutDocument = (
  error: unknown,
  original: unknown,
): error is { message: string; extensions?: Readonly<Record<string, unknown>> } => {
  if (error instanceof GraphQLError)
    return (
      original === undefined || original === null || original instanceof GraphQLError || isOfServer(original)
    );
  return isOfServer(error);
};

/** Of the GraphQL server: a mutation by GET, a query that is none. */
const isOfServer = (error: unknown): boolean =>
  error instanceof Error &&
  /^MER_ERR_/.test(String(Reflect.get(error, 'code'))) &&
  Number(Reflect.get(error, 'statusCode')) < 500;
