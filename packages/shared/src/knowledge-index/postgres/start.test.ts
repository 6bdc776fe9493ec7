import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { openPostgresKnowledgeIndex } from '../index.ts';
import { testEmbedder } from '../testing/index.ts';
import { asKnowledgeError, isPassing } from './errors.ts';
import { checkServer, vectorTypeFor } from './server-checks.ts';
import { anyOfTheWords, plainWords } from './words.ts';

describe('the URL of a knowledge index on PostgreSQL', () => {
  it.each([
    'mysql://user:secret@localhost/knowledge',
    'user:secret@localhost',
    'postgres:///knowledge',
    'postgres://user:secret@localhost',
    'postgres://user:secret@localhost/one/two',
    'postgres://user:secret@localhost:port/knowledge',
  ])('is refused without repeating its password: %s', async (url) => {
    const opened = openPostgresKnowledgeIndex({ url, embedder: testEmbedder, clock: systemClock });
    await expect(opened).rejects.toMatchObject({
      code: 'KNOWLEDGE_URL_INVALID',
      message: expect.not.stringContaining('secret'),
      advice: expect.stringContaining('postgres://user:password@host:5432/database'),
    });
  });

  it('comes with a schema that is a plain name', async () => {
    const opened = openPostgresKnowledgeIndex({
      url: 'postgres://localhost/knowledge',
      embedder: testEmbedder,
      clock: systemClock,
      schema: 'a"; drop schema public; --',
    });
    await expect(opened).rejects.toMatchObject({ code: 'KNOWLEDGE_URL_INVALID' });
  });
});

describe('a PostgreSQL server', () => {
  const facts = { serverVersion: 150_018, installed: '0.8.0', available: '0.8.0' };

  it.each([
    [{ ...facts, installed: null }],
    [{ ...facts, available: null }],
    [{ ...facts, installed: '1.0.0' }],
    [{ ...facts, installed: '0.10.1', serverVersion: 180_006 }],
  ])('is taken: %j', (good) => {
    expect(() => checkServer('here', good)).not.toThrow();
  });

  it.each([
    [
      { ...facts, serverVersion: 140_020 },
      'KNOWLEDGE_VERSION_UNSUPPORTED',
      'is version 14; the knowledge index needs 15',
    ],
    [
      { ...facts, installed: '0.7.4' },
      'KNOWLEDGE_VERSION_UNSUPPORTED',
      'pgvector in PostgreSQL at here is version 0.7.4',
    ],
    [{ ...facts, installed: null, available: null }, 'KNOWLEDGE_EXTENSION_MISSING', 'has no pgvector'],
  ])('is refused: %j', (bad, code, message) => {
    expect(() => checkServer('here', bad)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringContaining(message),
        advice: expect.any(String),
      }),
    );
  });

  it('keeps vectors as exactly as its index can have them', () => {
    expect([1, 2_000, 2_001, 4_000].map(vectorTypeFor)).toEqual(['vector', 'vector', 'halfvec', 'halfvec']);
    for (const dimensions of [0, 1.5, 4_001, Number.NaN])
      expect(() => vectorTypeFor(dimensions)).toThrow(
        expect.objectContaining({ code: 'KNOWLEDGE_DIMENSIONS_UNSUPPORTED' }),
      );
  });
});

describe('an error of PostgreSQL', () => {
  const failed = (code: string, message = 'text') => Object.assign(new Error(message), { code });

  it.each([
    ['KNOWLEDGE_UNREACHABLE', failed('57P01')],
    ['KNOWLEDGE_UNREACHABLE', failed('40P01')],
    ['KNOWLEDGE_UNREACHABLE', failed('ECONNRESET')],
    ['KNOWLEDGE_UNREACHABLE', new Error('Connection terminated unexpectedly')],
    ['KNOWLEDGE_UNREACHABLE', new AggregateError([failed('ECONNREFUSED')], 'all addresses')],
    ['KNOWLEDGE_OUT_OF_RESOURCES', failed('53100')],
    ['KNOWLEDGE_READ_ONLY', failed('25006')],
  ])('passes: %s', (code, error) => {
    const ours = asKnowledgeError('here', error);
    expect([ours.code, isPassing(ours)]).toEqual([code, true]);
  });

  it.each([
    ['KNOWLEDGE_CREDENTIALS_REFUSED', failed('28P01')],
    ['KNOWLEDGE_RIGHTS_MISSING', failed('42501')],
    ['KNOWLEDGE_DATABASE_MISSING', failed('3D000')],
    ['KNOWLEDGE_TLS_FAILED', failed('SELF_SIGNED_CERT_IN_CHAIN')],
    ['KNOWLEDGE_EXTENSION_MISSING', failed('42704', 'type "vector" does not exist')],
    ['KNOWLEDGE_FAILED', failed('42601', 'syntax error')],
    ['KNOWLEDGE_FAILED', new TypeError('x is undefined')],
  ])('does not pass: %s', (code, error) => {
    const ours = asKnowledgeError('here', error);
    expect([ours.code, isPassing(ours)]).toEqual([code, false]);
  });
});

describe('words', () => {
  it('are what letters and digits make, however they are written', () => {
    expect(plainWords('Déjà-vu in src/Parser.ts: 3rd try, ﬁnal!')).toBe(
      'deja vu in src parser ts 3rd try final',
    );
  });

  it('bring no operator into a question', () => {
    expect(anyOfTheWords(`'; drop & a | !b <-> (c:*) a`)).toBe(`'drop' | 'a' | 'b' | 'c'`);
    expect(anyOfTheWords('🦄 * ( ) -')).toBe('');
  });
});
