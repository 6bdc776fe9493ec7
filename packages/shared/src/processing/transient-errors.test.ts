import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { ConcurrencyError } from '../event-store/index.ts';
import { streamName } from '../events/index.ts';
import { PartituraError } from '../runtime/index.ts';
import { isTransient } from './transient-errors.ts';

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

const coded = (code: string) => Object.assign(new Error(code), { code });

describe('what is away', () => {
  it.each([
    ['a store that is busy', new PartituraError('STORE_BUSY', 'busy')],
    ['a store that is closed', new PartituraError('STORE_CLOSED', 'closed')],
    ['a queue that is closed', new PartituraError('QUEUE_CLOSED', 'closed')],
    ['a full disk', coded('ENOSPC')],
    ['too many open files', coded('EMFILE')],
    ['a name that cannot be resolved now', coded('EAI_AGAIN')],
    ['a cause far down', new Error('a', { cause: new Error('b', { cause: coded('EPIPE') }) })],
  ])('is told from poison: %s', (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it('is recognised as the system reports it', async () => {
    const refused = new Promise((_, reject) => connect({ port: 1, host: '127.0.0.1' }).once('error', reject));
    expect(isTransient(await thrownBy(() => refused))).toBe(true);
    const readOnly = new DatabaseSync(':memory:');
    readOnly.exec('PRAGMA query_only = ON');
    expect(isTransient(await thrownBy(() => readOnly.exec('CREATE TABLE t (a)')))).toBe(true);
  });

  it.each([
    ['an error of the handler', new TypeError('x is undefined')],
    ['a refused command', new PartituraError('NO_SUCH_RUN', 'no')],
    ['a conflict that did not resolve', new ConcurrencyError(streamName('run', 'r_1'), 1, 2)],
    ['a word in the message', new Error('ECONNREFUSED')],
    ['something that is no error', 'ENOSPC'],
    ['nothing', undefined],
  ])('is not: %s', (_, error) => {
    expect(isTransient(error)).toBe(false);
  });

  it('is not a file that is missing, or SQL that is wrong', async () => {
    expect(isTransient(await thrownBy(() => readFile('/no/such/file')))).toBe(false);
    expect(isTransient(await thrownBy(() => new DatabaseSync(':memory:').exec('SELEKT')))).toBe(false);
  });

  it('is not searched for in causes without end', () => {
    const error = new Error('circular');
    error.cause = error;
    expect(isTransient(error)).toBe(false);
  });
});
