import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asOrganizationId } from '../events/index.ts';
import { sealerOf } from './sealer.ts';
import type { Subject } from './subject.ts';

const subject = (id: string, ...identifiers: readonly string[]): Subject => ({
  id: `sub_${id.padEnd(12, '0')}`,
  organizationId: asOrganizationId('default'),
  key: new Uint8Array(32).fill(id.charCodeAt(0)),
  identifiers,
  label: null,
  declaredAt: '2026-01-01T00:00:00.000Z',
});
const ada = subject('a', 'Ada Lovelace', 'Lovelace', 'ada@example.org');
const sealer = sealerOf([ada, subject('b', 'Jürgen', 'O’Neil (x+y)', '王小明', 'C:\\Users\\kim')]);
const inClear = /lovelace|ada@|j(?:ü|u\u0308)rgen|neil|王小明|kim/iu;

describe('sealing', () => {
  it.each([
    'Ada Lovelace wrote to ada@example.org.',
    'ADA LOVELACE, ada lovelace and Lovelace',
    'Ada\n  Lovelace over two lines, and no-break: Ada\u00a0Lovelace',
    '"Ada Lovelace’s" (Lovelace) _Lovelace_ snake_lovelace_case',
    'mailto:ada%40example.org?cc=x+ada@example.org&name=Ada%20Lovelace',
    'J\u00fcrgen, Ju\u0308rgen, J\\u00fcrgen, J%C3%BCrgen',
    'O’Neil (x+y) and o’neil (X+Y)',
    '我叫王小明先生',
    'C:\\Users\\kim and {"path":"C:\\\\Users\\\\kim"}',
    JSON.stringify({ text: 'line\nLovelace\tAda Lovelace', deep: JSON.stringify({ a: '\nAda\nLovelace' }) }),
  ])('leaves nothing of %j, and gives all of it back', (text) => {
    const sealed = sealer.sealText(text);
    expect(sealed).not.toMatch(inClear);
    expect(sealer.suspects(text)).toBe(true);
    expect(sealer.suspects(sealed)).toBe(false);
    expect(sealer.openText(sealed)).toBe(text);
    expect(sealer.sealText(sealed)).toBe(sealed);
    expect(sealer.sealText(text)).toBe(sealed);
  });

  it.each(['Lovelaces', 'Mada Lovelace2', 'bada@example.org', 'x ada@example.organic'])(
    'leaves alone what is part of another word: %s',
    (text) => {
      expect(sealer.sealText(text)).toBe(text);
    },
  );

  it('reaches every string and every key, and hands on what has nothing to seal', () => {
    const data = { 'Ada Lovelace': ['x', { to: 'ada@example.org', n: 1 }], left: 'Lovelace' };
    const sealed = sealer.sealData(data, (key) => key === 'left');
    expect(JSON.stringify(sealed).replace('"left":"Lovelace"', '')).not.toMatch(inClear);
    expect(sealer.openData(sealed)).toEqual(data);
    const plain = { a: ['b', { c: null }] };
    expect(sealer.sealData(plain)).toBe(plain);
  });

  it('leaves JSON what it is, sealed and opened, also where a name goes over a line', () => {
    const data = { text: 'Ada\nLovelace, Jürgen\tand "Lovelace"' };
    const sealed = JSON.stringify(sealer.sealData(data));
    expect(JSON.parse(sealer.openText(sealed))).toEqual(data);
    expect(JSON.parse(sealer.openText(sealer.sealText(JSON.stringify(data))))).toEqual(data);
  });

  it('takes the longer of two that begin together, and finds nothing inside of a token', () => {
    const greedy = sealerOf([ada, subject('c', 'Ada', 'sub')]);
    const sealed = greedy.sealText('Ada Lovelace, Ada');
    expect(sealed.match(/⟦sub_a/gu)).toHaveLength(1);
    expect(greedy.sealText(sealed)).toBe(sealed);
    expect(greedy.openText(sealed)).toBe('Ada Lovelace, Ada');
  });

  it('reads as erased for whoever has not the key: after the erasure, in another organisation, and when it was forged', () => {
    const sealed = sealer.sealText('Dear Ada Lovelace!');
    expect(sealerOf([]).openText(sealed)).toBe('Dear [erased]!');
    const moved = { ...ada, organizationId: asOrganizationId('acme') };
    expect(sealerOf([moved]).openText(sealed)).toBe('Dear [erased]!');
    expect(sealer.openText(`${ada.id} ⟦${ada.id}:AAAA⟧`)).toBe(`${ada.id} [erased]`);
    expect(sealer.openText(sealed.slice(0, 40))).toBe('Dear […]');
  });

  it('holds for any identifier in any text', () => {
    const identifier = fc
      .string({ unit: 'grapheme', minLength: 4, maxLength: 30 })
      .map((text) => text.trim())
      .filter((text) => /[\p{L}\p{N}]{3}/u.test(text) && !/[⟦⟧]/u.test(text) && text.isWellFormed());
    const around = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[⟦⟧]/u.test(text));
    fc.assert(
      fc.property(identifier, around, around, (name, left, right) => {
        const one = sealerOf([subject('d', name)]);
        for (const text of [`${left} ${name} ${right}`, JSON.stringify({ [name]: `${left}\n${name}\n` })]) {
          const sealed = one.sealText(text);
          expect(one.suspects(sealed)).toBe(false);
          expect(sealed).toContain('⟦sub_d');
          expect(one.openText(sealed)).toBe(text);
        }
      }),
      { numRuns: 150 },
    );
  });
});
