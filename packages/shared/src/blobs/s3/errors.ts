import { BlobError, type BlobErrorCode } from '../errors.ts';

/** What the client says of a request that failed, as far as it does. */
interface Refusal {
  readonly name: string;
  readonly status: number | null;
  readonly code: string;
  readonly message: string;
}

const field = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;

const refusalOf = (error: unknown): Refusal => {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  return {
    name: String(field(error, 'name') ?? ''),
    status: typeof status === 'number' ? status : null,
    code: String(field(error, 'code') ?? ''),
    message: String(field(error, 'message') ?? error),
  };
};

const advices: Partial<Record<BlobErrorCode, string>> = {
  BLOB_STORE_UNREACHABLE: 'Start the S3 server, or correct PARTITURA_BLOBS_URL.',
  BLOB_CREDENTIALS_REFUSED:
    'Correct the key and secret in PARTITURA_BLOBS_URL, and give them the right to read, write and list this bucket.',
  BLOB_BUCKET_MISSING: 'Create the bucket, or correct its name in PARTITURA_BLOBS_URL.',
  BLOB_REGION_WRONG: 'Put the region of the bucket into PARTITURA_BLOBS_URL: ?region=…',
  BLOB_DISK_FULL: 'Make room in the S3 server and try again.',
};

/** Within the text: the client wraps some of them. */
const networkFailure =
  /\b(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOST\w+|ENET\w+|EPROTO|CERT_\w+|ERR_TLS\w+|ERR_SSL\w+|DEPTH_ZERO\w+|SELF_SIGNED\w+|UNABLE_TO\w+)|socket hang up|SSL routines|certificate/;

/** One test a line, the first that fits. */
const kinds: readonly (readonly [BlobErrorCode, (refusal: Refusal) => boolean])[] = [
  ['BLOB_BUCKET_MISSING', ({ name }) => name === 'NoSuchBucket'],
  ['BLOB_REGION_WRONG', ({ name, status }) => status === 301 || name === 'AuthorizationHeaderMalformed'],
  ['BLOB_CREDENTIALS_REFUSED', ({ status }) => status === 401 || status === 403],
  [
    'BLOB_CREDENTIALS_REFUSED',
    ({ name }) => /^(CredentialsProviderError|InvalidAccessKeyId|\w*UserNotFound)$/.test(name),
  ],
  ['BLOB_DISK_FULL', ({ name, status }) => status === 507 || name === 'XMinioStorageFull'],
  ['BLOB_STORE_UNREACHABLE', ({ name }) => name === 'TimeoutError'],
  // It starts, or is overloaded, or what stands before it finds nobody behind.
  ['BLOB_STORE_UNREACHABLE', ({ status }) => status !== null && status >= 502 && status <= 504],
  ['BLOB_STORE_UNREACHABLE', ({ code, message }) => networkFailure.test(`${code} ${message}`)],
];

/** By its name: an unknown key or bucket is a 404 with some servers too. */
export const isAbsent = (error: unknown): boolean => /^(NoSuchKey|NotFound)$/.test(refusalOf(error).name);

/** Why a request failed, with a code where it is known. */
export const asS3Error = (where: string, error: unknown): BlobError => {
  if (error instanceof BlobError) return error;
  const refusal = refusalOf(error);
  const code = kinds.find(([, fits]) => fits(refusal))?.[0] ?? 'BLOB_STORE_FAILED';
  const said = refusal.message === '' ? refusal.code : refusal.message;
  const advice = advices[code];
  return new BlobError(code, `The blob store (${where}) failed: ${refusal.name}: ${said}`, {
    cause: error,
    ...(advice === undefined ? {} : { advice }),
  });
};
