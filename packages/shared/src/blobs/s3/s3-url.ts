import { BlobError } from '../errors.ts';

export interface S3Address {
  /** null: Amazon's own. */
  readonly endpoint: string | null;
  readonly bucket: string;
  /** Ends with a slash unless it is empty. */
  readonly prefix: string;
  readonly region: string;
  /** The bucket in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** null: as AWS's tools find them. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** For people: no credentials. */
  readonly where: string;
}

const parameters = new Set(['region', 'tls', 'pathStyle']);

/**
 * `s3://key:secret@host:port/bucket/prefix?region=…&tls=false&pathStyle=true`
 * @throws {BlobError} `BLOB_URL_INVALID`; the message does not repeat the URL, which may hold a secret
 */
export const s3Address = (url: string): S3Address => {
  const parsed = URL.parse(url);
  if (!parsed) throw invalid('it is not a URL');
  if (parsed.protocol !== 's3:') throw invalid(`its scheme is ${parsed.protocol}//`);
  for (const name of parsed.searchParams.keys())
    if (!parameters.has(name)) throw invalid(`it has the unknown parameter ${name}`);
  const [bucket = '', ...folders] = parsed.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  if (bucket === '') throw invalid('it names no bucket');
  const tls = choice(parsed, 'tls', true);
  const endpoint = parsed.host === '' ? null : `${tls ? 'https' : 'http'}://${parsed.host}`;
  return {
    endpoint,
    bucket,
    prefix: folders.map((folder) => `${folder}/`).join(''),
    region: parsed.searchParams.get('region') ?? 'us-east-1',
    pathStyle: choice(parsed, 'pathStyle', false),
    credentials: credentialsOf(parsed),
    where: `bucket ${bucket} at ${endpoint ?? 'Amazon S3'}`,
  };
};

const credentialsOf = ({ username, password }: URL): S3Address['credentials'] => {
  if (username === '' && password === '') return null;
  if (username === '' || password === '') throw invalid('it has only one of key and secret');
  return { accessKeyId: decoded(username), secretAccessKey: decoded(password) };
};

const choice = ({ searchParams }: URL, name: string, otherwise: boolean): boolean => {
  const value = searchParams.get(name);
  if (value === null) return otherwise;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(`${name} is true or false, not "${value}"`);
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('it has a percent sign that stands for nothing; write it %25');
  }
};

const invalid = (why: string): BlobError =>
  new BlobError('BLOB_URL_INVALID', `The URL of the blob store cannot be used: ${why}.`, {
    advice: 'It reads s3://key:secret@host:port/bucket/prefix?region=us-east-1&tls=false&pathStyle=true.',
  });
