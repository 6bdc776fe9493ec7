import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartituraError } from '../runtime/index.ts';
import { checkPrd, maximumPrdBytes } from './check-prd.ts';

const refusal = (prd: Uint8Array | string): PartituraError => {
  try {
    checkPrd(prd);
  } catch (error) {
    if (error instanceof PartituraError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('checkPrd', () => {
  it('hands back the text, without a byte order mark', () => {
    expect(checkPrd(bytes('\uFEFF# Shop\n\nSell garden chairs.'))).toBe('# Shop\n\nSell garden chairs.');
    expect(checkPrd('Sell garden chairs.')).toBe('Sell garden chairs.');
  });

  it.each(['', ' \n\t\r\n', '\uFEFF\n'])('says that %j is empty', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'PRD_EMPTY' });
    expect(refusal(bytes(text)).advice).toMatch(/for whom/);
  });

  it.each(['app', 'Build it.', 'Make something nice please', '# Shop\n\n---\n', '!!! ???', 'a b c d e f'])(
    'says that %j is too vague, and what to add',
    (text) => {
      const error = refusal(text);
      expect(error).toMatchObject({ code: 'PRD_TOO_VAGUE' });
      expect(error.advice).toMatch(/who uses it/);
    },
  );

  it('names the words it found', () => {
    expect(refusal('Build a chess game').message).toContain('only “chess” and “game”');
  });

  it('takes what other scripts say for words too', () => {
    expect(checkPrd('用户可以创建短链接')).toBe('用户可以创建短链接');
    expect(checkPrd('Пользователь создаёт короткую ссылку')).toContain('ссылку');
  });

  it.each([
    ['%PDF-1.7\n%âãÏÓ', 'a PDF'],
    ['PK\u0003\u0004\u0014 word/document.xml', 'Word document (DOCX)'],
    ['PK\u0003\u0004\u0014 photos/', 'zip archive'],
    ['{\\rtf1\\ansi Hello}', 'RTF'],
  ])('knows %j by name', (text, name) => {
    const error = refusal(bytes(text));
    expect(error).toMatchObject({ code: 'PRD_NOT_TEXT' });
    expect(error.message).toContain(name);
  });

  it('knows binary data, other encodings and where they begin', () => {
    expect(refusal(new Uint8Array([0x68, 0x69, 0xc3, 0x28])).message).toContain('byte 3');
    expect(refusal(new Uint8Array([0xff, 0xfe, 0x68, 0x00])).message).toContain('UTF-16');
    expect(refusal(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d])).message).toContain('PNG');
    expect(refusal(bytes('A list of links\0and more of it')).message).toContain('binary');
    expect(refusal(new Uint8Array(2000).fill(7))).toMatchObject({ code: 'PRD_NOT_TEXT' });
  });

  it('says how large it is and how large it may be', () => {
    const error = refusal('word '.repeat(2 * 1024 * 1024));
    expect(error).toMatchObject({ code: 'PRD_TOO_LARGE' });
    expect(error.message).toBe('The PRD has 10.00 MiB; at most 1.00 MiB can be read.');
    expect(refusal('a'.repeat(maximumPrdBytes + 1)).message).toContain('1.01 MiB');
    expect(refusal(new Uint8Array(maximumPrdBytes + 1))).toMatchObject({ code: 'PRD_TOO_LARGE' });
    expect(checkPrd(`Sell garden chairs. ${'x'.repeat(maximumPrdBytes - 20)}`)).toHaveLength(maximumPrdBytes);
  });

  it('answers any bytes with a text or with one of its errors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        try {
          expect(typeof checkPrd(input)).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(PartituraError);
        }
      }),
    );
  });
});
