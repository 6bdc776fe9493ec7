/**
 * What the clients of other systems throw when these are away, by shape: their packages are loaded only where they are used, and a
 * class may come from another copy of a package. An adapter tells with codes of its own; this is for what comes past it, or within.
 */
export const tellsOfAnAbsence = (error: Error): boolean => signs.some((sign) => sign(error));

const field = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;

const codeOf = (error: Error): string => {
  const code = field(error, 'code');
  return typeof code === 'string' ? code : '';
};

/** SDKs of AWS mark what may be tried again; a server of another make is known by its status. */
const ofAws = (error: Error): boolean => {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  return (
    (typeof status === 'number' && (status >= 500 || status === 429)) ||
    typeof field(error, '$retryable') === 'object' ||
    (error.name === 'TimeoutError' && !(error instanceof DOMException))
  );
};

const ofKafka = (error: Error): boolean =>
  error.name.startsWith('KafkaJS') && field(error, 'retriable') === true;

const mongoLabels: ReadonlySet<unknown> = new Set([
  'RetryableWriteError',
  'RetryableError',
  'TransientTransactionError',
  'SystemOverloadedError',
]);
const ofMongo = (error: Error): boolean => {
  if (/^Mongo(Network|ServerSelection|NotConnected|WriteConcernTimeout|PoolCleared)/.test(error.name))
    return true;
  const labels = field(error, 'errorLabels');
  return Array.isArray(labels) && labels.some((label) => mongoLabels.has(label));
};

/**
 * SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html): connections, resources, shutdown and start, a standby,
 * and what lost against another transaction. A connection that breaks has no code.
 */
const ofPostgres = (error: Error): boolean =>
  ('severity' in error && /^(08...|53...|57P0[1-5]|25006|40001|40P01|55P03)$/.test(codeOf(error))) ||
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
    error.message,
  );

const ofRedis = (error: Error): boolean =>
  error.name === 'MaxRetriesPerRequestError' ||
  (error.name === 'ReplyError' &&
    /^(LOADING|READONLY|MISCONF|OOM|CLUSTERDOWN|MASTERDOWN|TRYAGAIN)\b/.test(error.message));

/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE; its errors have details beside a number. */
const ofGrpc = (error: Error): boolean =>
  typeof field(error, 'details') === 'string' && [4, 8, 14].includes(Number(field(error, 'code')));

/** Of Node's own `fetch`. */
const ofFetch = (error: Error): boolean =>
  /^UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|CLOSED|DESTROYED)$/.test(codeOf(error));

const signs = [ofAws, ofKafka, ofMongo, ofPostgres, ofRedis, ofGrpc, ofFetch];
