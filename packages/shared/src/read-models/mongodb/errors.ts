import { PartituraError } from '../../runtime/errors.ts';

export type ReadModelsErrorCode =
  | 'READ_MODELS_URL_INVALID'
  | 'READ_MODELS_UNREACHABLE'
  | 'READ_MODELS_CREDENTIALS_REFUSED'
  | 'READ_MODELS_RIGHTS_MISSING'
  | 'READ_MODELS_TLS_FAILED'
  | 'READ_MODELS_VERSION_UNSUPPORTED'
  | 'READ_MODELS_DISK_FULL'
  | 'READ_MODELS_FAILED'
  | 'READ_MODELS_CLOSED';

/** What can be wrong with the MongoDB behind the read models. */
export class ReadModelsError extends PartituraError {
  constructor(
    code: ReadModelsErrorCode,
    message: string,
    details: { advice?: string; cause?: unknown } = {},
  ) {
    super(code, message, details);
    this.name = 'ReadModelsError';
  }
}

/** What the client says of what failed. */
interface Failure {
  readonly name: string;
  /** A number of the server's, or a word of the system's; of the error or what caused it. */
  readonly codes: ReadonlySet<unknown>;
  readonly message: string;
}

const advices: Partial<Record<ReadModelsErrorCode, string>> = {
  READ_MODELS_UNREACHABLE: 'Start MongoDB, or correct PARTITURA_READ_MODELS_URL.',
  READ_MODELS_CREDENTIALS_REFUSED:
    'Put user and password into PARTITURA_READ_MODELS_URL, and the database that knows them: mongodb://user:password@host:27017/database?authSource=admin.',
  READ_MODELS_RIGHTS_MISSING: 'Give the user the role readWrite on this database.',
  READ_MODELS_TLS_FAILED:
    '?tls=true needs a MongoDB that speaks TLS, with a certificate this machine trusts (NODE_EXTRA_CA_CERTS, or ?tlsCAFile=…).',
  READ_MODELS_VERSION_UNSUPPORTED:
    'Upgrade MongoDB, or point PARTITURA_READ_MODELS_URL to one that is 6.0 or newer.',
  READ_MODELS_DISK_FULL: 'Make room on the disk of MongoDB; it goes on by itself.',
};

const tlsCodes = /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO|HOSTNAME_MISMATCH)/;

/**
 * A server that stops, starts, or is not the primary: HostUnreachable, HostNotFound, ShutdownInProgress, NetworkTimeout,
 * PrimarySteppedDown, ExceededTimeLimit, SocketException, NotWritablePrimary, InterruptedAtShutdown,
 * InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary, DatabaseDropPending, WriteConcernTimeout,
 * MaxTimeMSExpired.
 */
const awayCodes: ReadonlySet<unknown> = new Set([
  6, 7, 50, 64, 89, 91, 189, 215, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

const awayNames =
  /^Mongo(Network\w*|ServerSelection|PoolCleared\w*|WaitQueueTimeout|TopologyClosed|NotConnected|OperationTimeout|ClientClosed|ClientBulkWriteExecution)Error$|^PoolCleared/;

/** One test a line, the first that fits. */
const kinds: readonly (readonly [ReadModelsErrorCode, (failure: Failure) => boolean])[] = [
  // Said of the version of the protocol, when the client speaks none that the server does.
  ['READ_MODELS_VERSION_UNSUPPORTED', ({ message }) => /reports maximum wire version/.test(message)],
  ['READ_MODELS_CREDENTIALS_REFUSED', ({ codes }) => codes.has(18)],
  // The same number says that it wants credentials and has none.
  [
    'READ_MODELS_CREDENTIALS_REFUSED',
    ({ codes, message }) => codes.has(13) && /requires authentication|not authenticated/i.test(message),
  ],
  ['READ_MODELS_RIGHTS_MISSING', ({ codes }) => codes.has(13) || codes.has(8000)],
  ['READ_MODELS_TLS_FAILED', ({ codes }) => [...codes].some((code) => tlsCodes.test(String(code)))],
  ['READ_MODELS_DISK_FULL', ({ codes }) => codes.has(14031)],
  ['READ_MODELS_UNREACHABLE', ({ name }) => awayNames.test(name)],
  ['READ_MODELS_UNREACHABLE', ({ codes }) => [...codes].some((code) => awayCodes.has(code))],
];

/** Why something failed, with a code where it is known. */
export const asReadModelsError = (where: string, error: unknown): PartituraError => {
  if (error instanceof PartituraError) return error;
  const failure = failureOf(error);
  const code = kinds.find(([, fits]) => fits(failure))?.[0] ?? 'READ_MODELS_FAILED';
  const advice = advices[code];
  return new ReadModelsError(code, `MongoDB at ${where} ${saying[code] ?? 'failed'}: ${failure.message}`, {
    cause: error,
    ...(advice === undefined ? {} : { advice }),
  });
};

const saying: Partial<Record<ReadModelsErrorCode, string>> = {
  READ_MODELS_UNREACHABLE: 'does not answer',
  READ_MODELS_CREDENTIALS_REFUSED: 'refuses the credentials',
  READ_MODELS_RIGHTS_MISSING: 'does not allow its user to do this',
  READ_MODELS_TLS_FAILED: 'cannot be spoken to with TLS',
  READ_MODELS_VERSION_UNSUPPORTED: 'is too old',
  READ_MODELS_DISK_FULL: 'has no room left',
};

const deepestCause = 8;

/** A batch of writes that broke says so in an error of its own, with what broke it as the server's answer, not as its cause. */
const insideOf = (error: unknown): unknown =>
  Error.isError(error) && 'errorResponse' in error && Error.isError(error.errorResponse)
    ? error.errorResponse
    : error;

const failureOf = (error: unknown): Failure => {
  const inside = insideOf(error);
  const codes = new Set<unknown>();
  let current = inside;
  for (let depth = 0; depth < deepestCause && Error.isError(current); depth += 1) {
    if ('code' in current) codes.add(current.code);
    current = current.cause;
  }
  return Error.isError(inside)
    ? { name: inside.name, codes, message: inside.message }
    : { name: '', codes, message: String(inside) };
};
