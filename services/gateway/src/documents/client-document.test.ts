import { describe, expect, it } from '@jest/globals';
import { clientFingerprint, operations } from '@partitura/shared/http';
import { callsOf, clientDocument, fingerprintOf } from './client-document.ts';
import { withUndefined } from './client-source.ts';

describe('the client of the API', () => {
  it('knows each operation, where it is and what it takes', () => {
    expect(
      callsOf(clientDocument())
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(operations).sort());
    expect(callsOf(clientDocument()).find(({ name }) => name === 'pauseRun')).toMatchObject({
      method: 'post',
      path: '/api/v1/runs/{id}/pause',
      status: '202',
      takes: ['application/json'],
      query: false,
    });
  });

  it('may leave out as undefined what may be left out, over one line or several', () => {
    const types = [
      '    a?: string;',
      '    b?: {',
      '        c?: "x" | null;',
      '        d: {',
      '        };',
      '    };',
    ];
    expect(withUndefined([...types, '    e?: never;'].join('\n')).split('\n')).toEqual([
      '    a?: string | undefined;',
      '    b?: {',
      '        c?: "x" | null | undefined;',
      '        d: {',
      '        };',
      '    } | undefined;',
      '    e?: never;',
    ]);
  });

  it('is that of the document as it is now', () => {
    const advice = 'The API has changed since its client was generated. Run: npm run generate';
    const isCurrent = clientFingerprint === fingerprintOf(clientDocument());
    expect(isCurrent ? '' : advice).toBe('');
  });
});
