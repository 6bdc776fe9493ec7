import { PartituraError } from '../runtime/index.ts';
import { tellsOfAnAbsence } from './client-errors.ts';

/** Codes of the operating system that speak of the machine or the network, not of what was asked for. */
const ofTheSystem: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'EBUSY',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDQUOT',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'EMFILE',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'ENOSPC',
  'ENOTFOUND',
  'EPIPE',
  'EROFS',
  'ETIMEDOUT',
]);

/** SQLite's primary result codes of the same kind: busy, locked, no memory, read-only, I/O, full, cannot open. */
const ofSqlite: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14]);

const ofOurs: ReadonlySet<string> = new Set([
  'BLOB_DISK_FULL',
  'BLOB_STORE_CLOSED',
  'BLOB_STORE_READ_ONLY',
  'BLOB_STORE_UNREACHABLE',
  'BUS_UNREACHABLE',
  'QUEUE_CLOSED',
  'QUEUE_OUT_OF_MEMORY',
  'QUEUE_READ_ONLY',
  'QUEUE_UNREACHABLE',
  'BUS_CLOSED',
  'KNOWLEDGE_CLOSED',
  'KNOWLEDGE_OUT_OF_RESOURCES',
  'KNOWLEDGE_READ_ONLY',
  'KNOWLEDGE_UNREACHABLE',
  'READ_MODELS_CLOSED',
  'READ_MODELS_DISK_FULL',
  'READ_MODELS_UNREACHABLE',
]);

const deepestCause = 8;

/**
 * Whether an error says that something a handler stands on is not there now (the store, a disk, a network), so that any
 * event would fail. Such an event is not poison: it is tried until it works. Everything else is about the event.
 */
export const isTransient = (error: unknown): boolean => isTransientWithin(error, deepestCause);

const isTransientWithin = (error: unknown, depth: number): boolean => {
  if (depth === 0 || !Error.isError(error)) return false;
  if (isTransientItself(error) || isTransientWithin(error.cause, depth - 1)) return true;
  // One address of several that were tried; all of them failed, or there would be no error.
  return (
    'errors' in error &&
    Array.isArray(error.errors) &&
    error.errors.some((one) => isTransientWithin(one, depth - 1))
  );
};

const isTransientItself = (error: Error): boolean => {
  if (error instanceof PartituraError) return error.code.startsWith('STORE_') || ofOurs.has(error.code);
  if ('errcode' in error && typeof error.errcode === 'number') return ofSqlite.has(error.errcode & 0xff);
  return (
    ('code' in error && typeof error.code === 'string' && ofTheSystem.has(error.code)) ||
    tellsOfAnAbsence(error)
  );
};
