import { PartituraError } from '../../runtime/errors.ts';

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that an operator can do something about. */
const known: Readonly<Record<number, { code: string; message: string; advice: string }>> = {
  3: {
    code: 'STORE_READ_ONLY',
    message: 'must not be accessed',
    advice: 'Give this user the right to read and write the file and its directory.',
  },
  5: {
    code: 'STORE_BUSY',
    message: 'is being written by another process',
    advice: 'Stop the other process; one writes at a time.',
  },
  6: {
    code: 'STORE_BUSY',
    message: 'is being written by another connection',
    advice: 'Stop the other process; one writes at a time.',
  },
  8: {
    code: 'STORE_READ_ONLY',
    message: 'is read-only',
    advice: 'Give this user the right to write the file and its directory.',
  },
  10: {
    code: 'STORE_IO_ERROR',
    message: 'could not be read or written',
    advice: 'Look at the disk and at the system’s log; nothing was acknowledged that is not on the disk.',
  },
  11: {
    code: 'STORE_CORRUPT',
    message: 'is damaged',
    advice: 'Keep a copy of the directory as it is, then restore the last backup.',
  },
  13: {
    code: 'STORE_DISK_FULL',
    message: 'has no room to grow: the disk is full',
    advice: 'Make room and go on; nothing acknowledged is lost.',
  },
  14: {
    code: 'STORE_CANNOT_OPEN',
    message: 'cannot be opened',
    advice: 'See that its directory exists and can be written.',
  },
  26: {
    code: 'STORE_CORRUPT',
    message: 'is not a database',
    advice: 'Keep a copy of the file as it is, then restore the last backup, or name another data directory.',
  },
};

/** What SQLite reports, as an error of ours with its code and advice. Anything else is handed on as it is. */
export const asStoreError = (path: string, error: unknown): unknown => {
  const code = resultCode(error);
  if (code === null) return error;
  const found = known[code & 0xff];
  if (!found)
    return new PartituraError('STORE_FAILED', `The event store ${path} failed: ${String(error)}.`, {
      cause: error,
    });
  return new PartituraError(found.code, `The event store ${path} ${found.message}.`, {
    advice: found.advice,
    cause: error,
  });
};

/** With the extended code in the upper bits. By its shape, not by its class: SQLite's errors may come from another realm. */
const resultCode = (error: unknown): number | null =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : null;

/** @throws {PartituraError} `STORE_*` for what SQLite throws in `work` */
export const storeErrors = <Result>(path: string, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw asStoreError(path, error);
  }
};
