import { describe, expect, it } from '@jest/globals';
import { asOrganizationId, createRedactor } from '@partitura/shared/events';
import fc from 'fast-check';
import { keyIdFrom, newKey, organizationOfKey, readKey } from './keys.ts';

const acme = asOrganizationId('acme-corp');
const organizations = ['default', 'acme', 'acme-corp', 'o_0123456789ab', 'a-b_c-d'].map(asOrganizationId);
const characters = 'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-.';

describe('a key', () => {
  it.each(organizations)('of %s names it, is read back, and is taken out of texts', (organizationId) => {
    const keyId = keyIdFrom(organizationId, 'c_1');
    const { text, hash } = newKey(keyId);
    expect(text).toMatch(/^ptk_[A-Za-z0-9]+_[a-z0-9]+$/);
    expect(readKey(text)).toEqual({ keyId, organizationId, hash });
    expect(organizationOfKey(keyId)).toBe(organizationId);
    expect(createRedactor().redactText(`It said ${text}.`)).toBe('It said [redacted:partitura_key].');
  });

  it('has the id of its command, and another secret each time', () => {
    const [keyId, again] = [keyIdFrom(acme, 'c_1'), keyIdFrom(acme, 'c_1')];
    expect(again).toBe(keyId);
    expect(keyIdFrom(acme, 'c_2')).not.toBe(keyId);
    expect(newKey(keyId).hash).not.toBe(newKey(keyId).hash);
  });

  it('is known for mistyped, wherever a character is wrong, missing or too many', () => {
    const { text } = newKey(keyIdFrom(acme, 'c_1'));
    const place = fc.nat({ max: text.length - 1 });
    fc.assert(
      fc.property(place, fc.constantFrom(...characters), (at, character) => {
        fc.pre(text[at] !== character);
        expect(readKey(text.slice(0, at) + character + text.slice(at + 1))).toBeNull();
        expect(readKey(text.slice(0, at) + text.slice(at + 1))).toBeNull();
        expect(readKey(text.slice(0, at) + character + text.slice(at))).toBeNull();
      }),
    );
  });

  it.each(['', 'ptk_', 'ptk__', 'ptk_default_x', `ptk_${'x'.repeat(5_000)}_${'0'.repeat(38)}`, 'sk-ant-1'])(
    '"%s" is none',
    (text) => {
      expect(readKey(text)).toBeNull();
    },
  );
});
