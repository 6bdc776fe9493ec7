import type { Clock, Logger } from '../../runtime/index.ts';

export interface S3BlobStoreOptions {
  /**
   * `s3://key:secret@host:port/bucket/prefix?region=…&tls=false&pathStyle=true`. Without key and secret: the credentials that
   * AWS's tools would find. Without a host (`s3:///bucket`): Amazon's. Default region us-east-1, with TLS.
   */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** How long the server may take to be there at start, in ms. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** How long the server may be away before a put or get fails as `BLOB_STORE_UNREACHABLE`, in ms. Default 30 s. */
  readonly patienceMs?: number;
  /** How long the server may be silent in a request before that is sent again, in ms. Default 20 s. */
  readonly answerWithinMs?: number;
  /** Requests at once. Default 32. */
  readonly concurrency?: number;
}
