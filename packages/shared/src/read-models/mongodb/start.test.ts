import { describe, expect, it } from '@jest/globals';
import { isTransient } from '../../processing/transient-errors.ts';
import type { Logger } from '../../runtime/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { openMongoReadModels } from '../index.ts';
import { mongoAddress } from './address.ts';
import { asReadModelsError } from './errors.ts';
import { type Answers, answeringServer } from './testing/answering-server.ts';

const refusalOf = async (url: string, startTimeoutMs = 500): Promise<unknown> =>
  openMongoReadModels({ url, clock: systemClock, logger: silentLogger, startTimeoutMs }).then(
    () => null,
    (error: unknown) => error,
  );

const against = async (
  answers: Answers,
  test: (url: string, commands: readonly string[]) => Promise<void>,
) => {
  const server = await answeringServer(answers);
  try {
    await test(`mongodb://reader:hidden-word@127.0.0.1:${server.port}/ours`, server.commands);
  } finally {
    await server.stop();
  }
};

const version7 = { buildInfo: { version: '7.0.1' } };
const unauthenticated = {
  saslStart: { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' },
};
const authenticated = (url: string) => url.replace('reader:hidden-word@', '');

describe('the URL of the read models', () => {
  it.each([
    ['mongodb://user:word@host:27017/ours?authSource=admin', 'host:27017/ours'],
    ['mongodb://one:1,two:2/?replicaSet=rs', 'one:1,two:2/partitura'],
    ['mongodb+srv://user:w%40rd@cluster.example.com', 'cluster.example.com/partitura'],
    ['mongodb://[::1]:27017', '[::1]:27017/partitura'],
  ])('%s is %s to people', (url, where) => {
    expect(mongoAddress(url)).toMatchObject({ url, where });
  });

  it.each([
    'host:27017',
    'https://user:hidden@host/',
    'mongodb://',
    'mongodb://user:hid@den@host/ours',
    'mongodb://user:hidden@host/two.words',
    'mongodb://user:hidden@host/%',
    'mongodb://user:hidden@host/ours?what=ever',
    'mongodb://user:hid%den@host/ours',
    'mongodb://user:hidden@host:port/ours',
  ])('refuses %s, and does not repeat its password', async (url) => {
    const error = await refusalOf(url);
    expect(error).toMatchObject({
      code: 'READ_MODELS_URL_INVALID',
      advice: expect.stringContaining('mongodb://'),
    });
    expect(String(error)).not.toMatch('hid');
  });
});

describe('a start', () => {
  it('waits for a server that is not there as long as allowed, and says so once', async () => {
    const lines: unknown[] = [];
    const logger: Logger = { ...silentLogger, info: (...line) => lines.push(line) };
    const opening = openMongoReadModels({
      url: 'mongodb://user:hidden-word@127.0.0.1:1/ours',
      clock: systemClock,
      logger,
      startTimeoutMs: 3_000,
    });
    const error: unknown = await opening.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'READ_MODELS_UNREACHABLE',
      message: expect.stringContaining('MongoDB at 127.0.0.1:1/ours does not answer'),
      advice: expect.stringContaining('PARTITURA_READ_MODELS_URL'),
    });
    expect(isTransient(error)).toBe(true);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch('hidden-word');
  });

  it('refuses a version that is too old', () =>
    against({ buildInfo: { version: '5.0.9' } }, async (url) => {
      expect(await refusalOf(authenticated(url))).toMatchObject({
        code: 'READ_MODELS_VERSION_UNSUPPORTED',
        message: expect.stringMatching(/MongoDB .* is version 5\.0\.9; .* 6\.0 or newer/),
      });
    }));

  it('refuses a version that the client cannot speak to', () =>
    against({ hello: { maxWireVersion: 4 } }, async (url) => {
      expect(await refusalOf(authenticated(url))).toMatchObject({
        code: 'READ_MODELS_VERSION_UNSUPPORTED',
        advice: expect.stringContaining('6.0'),
      });
    }));

  it('refuses credentials at once, however long it may wait', () =>
    against(unauthenticated, async (url) => {
      const error = await refusalOf(url, 600_000);
      expect(error).toMatchObject({
        code: 'READ_MODELS_CREDENTIALS_REFUSED',
        message: expect.stringContaining('MongoDB'),
        advice: expect.stringContaining('authSource'),
      });
      expect(isTransient(error)).toBe(false);
      expect(String(error)).not.toMatch('hidden-word');
    }));

  it.each(['createIndexes', 'insert', 'update', 'find', 'delete', 'drop'])(
    'refuses a user who has no right to %s',
    (command) =>
      against(
        {
          ...version7,
          insert: { n: 1 },
          update: { n: 1, nModified: 1 },
          find: { cursor: { id: 0n, ns: 'ours.probe', firstBatch: [] } },
          delete: { n: 1 },
          [command]: {
            ok: 0,
            code: 13,
            codeName: 'Unauthorized',
            errmsg: `not authorized on ours to ${command}`,
          },
        },
        async (url, commands) => {
          const error = await refusalOf(authenticated(url), 600_000);
          expect(error).toMatchObject({
            code: 'READ_MODELS_RIGHTS_MISSING',
            message: expect.stringContaining(command),
            advice: expect.stringContaining('readWrite'),
          });
          expect(isTransient(error)).toBe(false);
          expect(commands.at(-1)).toBe(command);
        },
      ),
  );
});

describe('what MongoDB says', () => {
  const said = (name: string, code?: unknown, cause?: unknown) =>
    Object.assign(new Error('so it is', { cause }), { name, code });

  it.each([
    ['that it is not the primary', said('MongoServerError', 10107), 'READ_MODELS_UNREACHABLE', true],
    ['that it shuts down', said('MongoServerError', 91), 'READ_MODELS_UNREACHABLE', true],
    ['that the database is being dropped', said('MongoServerError', 215), 'READ_MODELS_UNREACHABLE', true],
    ['nothing', said('MongoNetworkTimeoutError'), 'READ_MODELS_UNREACHABLE', true],
    ['nothing any more', said('MongoPoolClearedError'), 'READ_MODELS_UNREACHABLE', true],
    [
      'nothing to a batch',
      Object.assign(said('MongoBulkWriteError'), { errorResponse: said('MongoNetworkError') }),
      'READ_MODELS_UNREACHABLE',
      true,
    ],
    ['that its disk is full', said('MongoServerError', 14031), 'READ_MODELS_DISK_FULL', true],
    ['that it is forbidden', said('MongoServerError', 13), 'READ_MODELS_RIGHTS_MISSING', false],
    [
      'that it is somebody else',
      said('MongoServerSelectionError', undefined, said('Error', 'DEPTH_ZERO_SELF_SIGNED_CERT')),
      'READ_MODELS_TLS_FAILED',
      true,
    ],
    ['that a value is bad', said('MongoServerError', 2), 'READ_MODELS_FAILED', false],
    ['a text', 'a text', 'READ_MODELS_FAILED', false],
  ])('%s', (_, error, code, transient) => {
    const told = asReadModelsError('here', error);
    expect(told).toMatchObject({ code, message: expect.stringContaining('here') });
    expect(isTransient(told)).toBe(transient);
  });
});
