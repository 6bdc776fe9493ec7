import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { bulkhead } from 'cockatiel';
import { sha256 } from '../../canonical/index.ts';
import { backoffAfter, silentLogger } from '../../runtime/index.ts';
import { type BlobError, blobCorrupt, blobNotFound, blobStoreClosed } from '../errors.ts';
import type { BlobStore } from '../port.ts';
import { asS3Error, isAbsent } from './errors.ts';
import type { S3BlobStoreOptions } from './options.ts';
import { patiently, pauses } from './patience.ts';
import { type S3Address, s3Address } from './s3-url.ts';

const defaultStartTimeoutMs = 60_000;
const defaultConcurrency = 32;
const defaultPatienceMs = 30_000;
const defaultAnswerWithinMs = 20_000;

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** As S3 writes it. */
const checksumOf = (hash: string): string => Buffer.from(hash, 'hex').toString('base64');

/**
 * Objects `prefix/aa/bb…`, named by the hash of their bytes. The server is given the hash with each object and refuses what
 * does not have it; when it names the hash of an object that is there, this is what is compared.
 */
export const connectBlobStore = async (options: S3BlobStoreOptions): Promise<BlobStore> => {
  const address = s3Address(options.url);
  const { bucket, prefix, where } = address;
  const { clock, logger = silentLogger, patienceMs = defaultPatienceMs } = options;
  const concurrency = options.concurrency ?? defaultConcurrency;
  const client = s3Client(address, concurrency, options.answerWithinMs ?? defaultAnswerWithinMs);
  const requests = bulkhead(concurrency, Number.POSITIVE_INFINITY);
  /** Puts at work, by hash: the same content twice at once is sent once. */
  const putting = new Map<string, Promise<string>>();
  /** Seen with other content than their name says: written again by the next put, whatever the server says of them. */
  const corrupt = new Set<string>();
  const closing = new AbortController();

  const objectOf = (hash: string) => ({
    Bucket: bucket,
    Key: `${prefix}${hash.slice(0, 2)}/${hash.slice(2)}`,
  });

  const once = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await requests.execute(ask);
    } catch (error) {
      throw isAbsent(error) ? error : asS3Error(where, error);
    }
  };

  const patient = patiently({ clock, logger, where, patienceMs, signal: closing.signal });
  const asking = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => patient(() => once(ask));

  /** null when there is none. */
  const headOf = async (hash: string) => {
    try {
      return await asking(() =>
        client.send(new HeadObjectCommand({ ...objectOf(hash), ChecksumMode: 'ENABLED' })),
      );
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  };

  const isThere = async (hash: string, size: number): Promise<boolean> => {
    if (corrupt.has(hash)) return false;
    const head = await headOf(hash);
    return head?.ContentLength === size && (head.ChecksumSHA256 ?? checksumOf(hash)) === checksumOf(hash);
  };

  const put = async (hash: string, bytes: Uint8Array): Promise<string> => {
    if (await isThere(hash, bytes.length)) return hash;
    await asking(() =>
      client.send(
        new PutObjectCommand({
          ...objectOf(hash),
          Body: bytes,
          ContentLength: bytes.length,
          ChecksumSHA256: checksumOf(hash),
        }),
      ),
    );
    corrupt.delete(hash);
    return hash;
  };

  const bytesOf = (hash: string): Promise<Uint8Array> =>
    asking(async () => {
      const { Body } = await client.send(new GetObjectCommand(objectOf(hash)));
      // Read within the same turn of the bulkhead: a body that nobody reads holds its socket.
      return Body === undefined ? new Uint8Array() : await Body.transformToByteArray();
    });

  const refuseWhenClosed = (): void => {
    if (closing.signal.aborted) throw blobStoreClosed();
  };

  try {
    await serverIsThere(client, address, options);
  } catch (error) {
    client.destroy();
    throw error;
  }

  return {
    put: async (content) => {
      refuseWhenClosed();
      // A copy: the caller may go on with its buffer.
      const bytes = Buffer.from(content);
      const hash = sha256(bytes);
      const atWork = putting.get(hash);
      if (atWork !== undefined) return atWork;
      const started = put(hash, bytes)
        .catch((error: unknown) => {
          throw asS3Error(where, error);
        })
        .finally(() => putting.delete(hash));
      putting.set(hash, started);
      return started;
    },
    get: async (hash) => {
      refuseWhenClosed();
      if (!isHash(hash)) throw blobNotFound(hash);
      const bytes = await bytesOf(hash).catch((error: unknown) => {
        throw isAbsent(error) ? blobNotFound(hash) : error;
      });
      if (sha256(bytes) === hash) return bytes;
      corrupt.add(hash);
      throw blobCorrupt(hash);
    },
    has: async (hash) => {
      refuseWhenClosed();
      return isHash(hash) && (await headOf(hash)) !== null;
    },
    close: async () => {
      closing.abort();
      await Promise.allSettled(putting.values());
      client.destroy();
    },
  };
};

const s3Client = (
  { endpoint, region, pathStyle, credentials }: S3Address,
  sockets: number,
  answerWithinMs: number,
): S3Client =>
  new S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null ? {} : { credentials }),
    // Throttling and broken connections; with back-off.
    retryMode: 'standard',
    maxAttempts: 3,
    // The hash is the checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5_000,
      // Without traffic. A limit for the whole request would also end large ones on slow lines.
      socketTimeout: answerWithinMs,
      httpAgent: { maxSockets: sockets, keepAlive: true },
      httpsAgent: { maxSockets: sockets, keepAlive: true },
    },
  });

/** Waits for the server as long as allowed; one line says that it waits. What waiting does not heal is refused at once. */
const serverIsThere = async (
  client: S3Client,
  { bucket, where }: S3Address,
  { clock, logger = silentLogger, startTimeoutMs = defaultStartTimeoutMs }: S3BlobStoreOptions,
): Promise<void> => {
  const deadline = clock.now() + startTimeoutMs;
  for (let failures = 1; ; failures += 1) {
    const problem = await problemOf(client, bucket, where);
    if (problem === null) return;
    if (problem.code !== 'BLOB_STORE_UNREACHABLE' || clock.now() >= deadline) throw problem;
    if (failures === 1) logger.info({ blobs: where }, `waiting for the blob store (${where})`);
    await clock.sleep(backoffAfter(pauses, failures));
  }
};

const problemOf = async (client: S3Client, bucket: string, where: string): Promise<BlobError | null> => {
  try {
    // Not HEAD, whose answer has no body and cannot say why. The right to list is what tells absent from forbidden later.
    await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
    return null;
  } catch (error) {
    return asS3Error(where, error);
  }
};
