import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a test did to whom and when, so that a failure on a machine that is gone can be understood. */
export interface Diary {
  write(entry: string): void;
  /** What happened, then the end of what each process said. */
  tell(logFiles: readonly string[]): string;
}

const bytesOfEach = 3_000;

export const diary = (): Diary => {
  const began = performance.now();
  const entries: string[] = [];
  return {
    write: (entry) => {
      entries.push(`${((performance.now() - began) / 1_000).toFixed(2).padStart(8)} s  ${entry}`);
    },
    tell: (logFiles) =>
      [...entries, ...logFiles.flatMap((file) => ['', `== ${basename(file)}`, endOf(file)])].join('\n'),
  };
};

/** The last lines of a file; what cannot be read is none. */
export const endOf = (path: string, bytes = bytesOfEach): string => {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(file);
  }
};

export interface WithDiaryOptions {
  readonly diary: Diary;
  readonly logFiles: () => readonly string[];
  /** Less than the test's own time-out, of which nobody hears before the test is over. */
  readonly timeoutMs: number;
}

/**
 * Runs the work of a test; when it fails or takes too long, what stands in the diary and in the logs is printed too.
 * @throws what the work throws
 */
export const withDiary = async <Result>(
  { diary: kept, logFiles, timeoutMs }: WithDiaryOptions,
  work: () => Promise<Result>,
): Promise<Result> => {
  const inTime = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: inTime.signal }).then(() => {
    throw new Error(`It takes more than ${timeoutMs} ms.`);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    console.error(kept.tell(logFiles()));
    throw error;
  } finally {
    late.catch(() => undefined);
    inTime.abort();
  }
};
