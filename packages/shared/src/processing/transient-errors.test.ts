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

const named = (name: string, more: object = {}, message = name) =>
  Object.assign(new Error(message), { name, ...more });

describe('what a client throws', () => {
  it.each([
    ['S3: SlowDown', named('SlowDown', { $metadata: { httpStatusCode: 503 } })],
    ['S3: throttled', named('ThrottlingException', { $retryable: { throttling: true } })],
    ['S3: no answer', named('TimeoutError')],
    ['Kafka: an election', named('KafkaJSProtocolError', { retriable: true })],
    ['Kafka: given up', named('KafkaJSNumberOfRetriesExceeded', { cause: coded('ECONNREFUSED') })],
    ['MongoDB: no server', named('MongoServerSelectionError')],
    ['MongoDB: a cut connection', named('MongoNetworkTimeoutError')],
    ['MongoDB: an election', named('MongoServerError', { errorLabels: ['RetryableWriteError'] })],
    ['PostgreSQL: shut down', named('error', { code: '57P01', severity: 'FATAL' })],
    ['PostgreSQL: too many connections', named('error', { code: '53300', severity: 'FATAL' })],
    ['PostgreSQL: a deadlock', named('error', { code: '40P01', severity: 'ERROR' })],
    ['PostgreSQL: a cut connection', new Error('Connection terminated unexpectedly')],
    ['Redis: loading', named('ReplyError', {}, 'LOADING Redis is loading the dataset in memory')],
    ['Redis: given up', named('MaxRetriesPerRequestError')],
    ['gRPC: unavailable', named('Error', { code: 14, details: 'No connection established' })],
    ['fetch', new TypeError('fetch failed', { cause: coded('UND_ERR_SOCKET') })],
  ])('when its server is away is told from poison, also wrapped: %s', (_, error) => {
    expect(isTransient(error)).toBe(true);
    expect(isTransient(new PartituraError('QUEUE_FAILED', 'failed', { cause: error }))).toBe(true);
  });

  it.each([
    ['S3: no such key', named('NoSuchKey', { $metadata: { httpStatusCode: 404 } })],
    ['Kafka: a message that is too large', named('KafkaJSProtocolError', { retriable: false })],
    ['MongoDB: a duplicate key', named('MongoServerError', { code: 11_000, errorLabels: [] })],
    ['PostgreSQL: a syntax error', named('error', { code: '42601', severity: 'ERROR' })],
    ['PostgreSQL: a unique violation', named('error', { code: '23505', severity: 'ERROR' })],
    ['Redis: a wrong type', named('ReplyError', {}, 'WRONGTYPE Operation against a key')],
    ['a limit of our own', new DOMException('The operation timed out.', 'TimeoutError')],
    ['gRPC: not found', named('Error', { code: 5, details: 'not found' })],
    ['several errors, none of the network', new AggregateError([new Error('a'), new TypeError('b')], 'both')],
  ])('about what was asked for is not: %s', (_, error) => {
    expect(isTransient(error)).toBe(false);
  });
});

describe('what is away', () => {
  it.each([
    ['a store that does not answer', new PartituraError('STORE_UNREACHABLE', 'away')],
    ['a store that answers with what is old', new PartituraError('STORE_BEHIND', 'behind')],
    ['a Redis that is away', new PartituraError('QUEUE_UNREACHABLE', 'away')],
    ['a Redis that became a replica', new PartituraError('QUEUE_READ_ONLY', 'read only')],
    ['blobs that are away', new PartituraError('BLOB_STORE_UNREACHABLE', 'away')],
    ['one address of several', new AggregateError([new Error('a'), coded('ECONNREFUSED')], 'none')],
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
