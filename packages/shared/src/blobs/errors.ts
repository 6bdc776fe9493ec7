import { PartituraError } from '../runtime/errors.ts';

export type BlobErrorCode =
  | 'BLOB_NOT_FOUND'
  | 'BLOB_CORRUPT'
  | 'BLOB_DISK_FULL'
  | 'BLOB_STORE_READ_ONLY'
  | 'BLOB_STORE_FAILED'
  | 'BLOB_STORE_CLOSED'
  | 'BLOB_URL_INVALID'
  | 'BLOB_STORE_UNREACHABLE'
  | 'BLOB_CREDENTIALS_REFUSED'
  | 'BLOB_BUCKET_MISSING'
  | 'BLOB_REGION_WRONG';

export class BlobError extends PartituraError {
  constructor(code: BlobErrorCode, message: string, details: { advice?: string; cause?: unknown } = {}) {
    super(code, message, details);
    this.name = 'BlobError';
  }
}

export const blobNotFound = (hash: string): BlobError =>
  new BlobError('BLOB_NOT_FOUND', `There is no blob ${hash}.`, {
    advice: 'If an event names it, restore the blobs of the same backup as the log.',
  });

export const blobCorrupt = (hash: string): BlobError =>
  new BlobError('BLOB_CORRUPT', `The blob ${hash} does not have the content that its name is the hash of.`, {
    advice: 'Restore it from a backup; putting the same content again replaces it.',
  });

export const blobStoreClosed = (): BlobError =>
  new BlobError('BLOB_STORE_CLOSED', 'The blob store is closed.');

/** By its code, not by its class: errors of the file system may come from another realm. */
const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** Why a store could not be written or read, with a code where it is known. */
export const asBlobError = (directory: string, error: unknown): unknown => {
  if (error instanceof BlobError) return error;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BlobError('BLOB_DISK_FULL', `There is no room left for blobs in ${directory}.`, {
        advice: 'Make room and try again.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BlobError('BLOB_STORE_READ_ONLY', `Blobs cannot be written to ${directory}.`, {
        advice: 'Give this user the right to write there.',
        cause: error,
      });
    default:
      return new BlobError('BLOB_STORE_FAILED', `The blob store ${directory} failed: ${String(error)}`, {
        cause: error,
      });
  }
};
