import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor } from './redaction.ts';

const random = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGH23456789'),
    minLength: length,
    maxLength: length,
  });
const token = (prefix: string, length: number) => random(length).map((text) => `${prefix}${text}7`);
const pem = random(64).map(
  (text) => `-----BEGIN RSA PRIVATE KEY-----\n${text}\n${text}\n-----END RSA PRIVATE KEY-----`,
);

/** A secret as it is found, and the part of it that nobody may ever read. */
const secrets: readonly [string, fc.Arbitrary<{ found: string; hidden: string }>][] = [
  ['anthropic_key', token('sk-ant-api03-', 40).map((found) => ({ found, hidden: found }))],
  ['openai_key', token('sk-proj-', 40).map((found) => ({ found, hidden: found }))],
  [
    'github_token',
    fc.oneof(token('ghp_', 35), token('github_pat_', 60)).map((found) => ({ found, hidden: found })),
  ],
  ['slack_token', token('xoxb-', 30).map((found) => ({ found, hidden: found }))],
  [
    'aws_key',
    random(16)
      .map((text) => `AKIA${text.toUpperCase()}`)
      .map((found) => ({ found, hidden: found })),
  ],
  [
    'partitura_key',
    random(30)
      .map((text) => `ptk_k1_${text}`)
      .map((found) => ({ found, hidden: found })),
  ],
  ['webhook_secret', token('whsec_', 32).map((found) => ({ found, hidden: found }))],
  ['private_key', pem.map((found) => ({ found, hidden: found.slice(32, 90) }))],
  ['bearer_token', token('', 30).map((text) => ({ found: `Authorization: Bearer ${text}`, hidden: text }))],
  [
    'url_password',
    token('', 12).map((text) => ({ found: `postgres://user:${text}@db.example/x`, hidden: text })),
  ],
];

const around = fc.constantFrom('', ' ', '\n', '"', "'", '(', '=', ',', 'key: ', '{"a":"', 'é', '\\', '\t');
/** Somewhere in some data, in a value or in a key, or in JSON that is itself a text. */
const hiddenIn = (text: string): fc.Arbitrary<unknown> =>
  fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constant(text),
      fc
        .array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 })
        .chain((others) => tie('node').map((node) => [...others, node])),
      fc.tuple(fc.string(), tie('node')).map(([key, node]) => ({ before: 1, [`k${key}`]: node })),
      fc.constant({ [text]: true }),
      tie('node').map((node) => JSON.stringify(node)),
    ),
  })).node;

describe('redaction', () => {
  it.each(secrets)('lets no %s survive, in whatever it is nested', (kind, arbitrary) => {
    const redactor = createRedactor();
    fc.assert(
      fc.property(
        arbitrary.chain(({ found, hidden }) =>
          fc
            .tuple(around, around)
            .chain(([before, after]) => fc.tuple(hiddenIn(before + found + after), fc.constant(hidden))),
        ),
        ([data, hidden]) => {
          expect(redactor.suspects(JSON.stringify(data))).toBe(true);
          const left = JSON.stringify(redactor.redactData(data));
          expect(left).not.toContain(JSON.stringify(hidden).slice(1, -1));
          expect(left).toContain(`[redacted:${kind}]`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lets no known value survive: as it is, in JSON, in JSON within JSON, in a URL', () => {
    const known = fc.string({
      unit: fc.constantFrom(...'abcXYZ019 "\\/\n\t$&*.+?()[]{}|^é%'),
      minLength: 8,
      maxLength: 24,
    });
    fc.assert(
      fc.property(
        known
          .filter((secret) => !'[redacted:secret]'.includes(secret))
          .chain((secret) => fc.tuple(fc.constant(secret), hiddenIn(`a${secret}z`))),
        ([secret, data]) => {
          const redactor = createRedactor({ secrets: [secret] });
          expect(redactor.suspects(JSON.stringify(data))).toBe(true);
          const strings: string[] = [];
          JSON.stringify(redactor.redactData(data), (key, value) => {
            strings.push(key, typeof value === 'string' ? value : '');
            return value;
          });
          expect(strings.filter((text) => text.includes(secret))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
    const redactor = createRedactor({ secrets: ['p&ss w?rd!'] });
    expect(redactor.redactText('https://x/?q=p%26ss%20w%3Frd!')).toBe('https://x/?q=[redacted:secret]');
  });

  it('leaves what is not a secret as it is', () => {
    const redactor = createRedactor({ secrets: ['correct horse', ''] });
    const texts = [
      'task-r_7k2m9x4tqa.T4.a1 at risk-assessment-of-the-whole',
      'See sk-learn-like-names-with-hyphens and desk-top-publishing.',
      'Use Bearer tokens for authentication and authorisation.',
      'http://127.0.0.1:4600/runs/r_1?after=1 and mail@example.org',
      'git@github.com:org/repo.git, https://example.org/@user',
      'AKIA is a prefix; ptk_<id>_<secret> is a form',
      'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ];
    for (const text of texts) expect(redactor.redactText(text)).toBe(text);
  });

  it('says what it took, keeps what is around it, and keeps two keys apart', () => {
    const redactor = createRedactor({ secrets: ['first-secret', 'first-secret-longer', 'short'] });
    expect(redactor.redactText('x first-secret-longer y first-secret z short')).toBe(
      'x [redacted:secret] y [redacted:secret] z short',
    );
    expect(redactor.redactText('git clone https://me:pa55word@example.org/r')).toBe(
      'git clone https://me:[redacted:url_password]@example.org/r',
    );
    expect(redactor.redactText('authorization: bearer abcdefghijklmnop1')).toBe(
      'authorization: bearer [redacted:bearer_token]',
    );
    expect(redactor.redactData({ 'first-secret': 1, 'first-secret-longer': 2, n: null })).toEqual({
      '[redacted:secret]': 1,
      '[redacted:secret]#2': 2,
      n: null,
    });
  });

  it('takes a private key that is cut off, to its end', () => {
    expect(createRedactor().redactText('a -----BEGIN PRIVATE KEY-----\nMIIEvQ')).toBe(
      'a [redacted:private_key]',
    );
  });

  it('takes time in proportion to the text', () => {
    const redactor = createRedactor();
    const nasty = [
      '://'.repeat(200_000),
      'a://b:'.repeat(100_000),
      '-----BEGIN PRIVATE KEY'.repeat(20_000),
      `bearer ${'a'.repeat(400_000)}`,
      `sk-${'a-'.repeat(300_000)}`,
    ];
    for (const text of nasty) expect(typeof redactor.redactText(text)).toBe('string');
  });
});
