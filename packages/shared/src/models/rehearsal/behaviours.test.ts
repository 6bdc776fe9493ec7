import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Requirement } from '../../planning/index.ts';
import { templateFor } from './javascript/choice.ts';
import { docComment } from './javascript/comments.ts';
import { entityStore } from './javascript/entity.ts';
import { entityModule, featureModule } from './javascript/module.ts';
import { literal } from './javascript/template.ts';

const requirement = (text: string, kind: Requirement['kind'] = 'functional'): Requirement => ({
  id: 'R1',
  sourceId: null,
  text,
  line: 1,
  kind,
  priority: 'must',
});

/** Runs code and the test of it together, in this process. */
const run = (code: string, test: string): void => {
  new Function('assert', `${code.replaceAll(/^export /gm, '')}\n${test}`)(assert);
};

const sayings: readonly (readonly [string, Requirement['kind']?])[] = [
  ['GET /books/{id} shows one book'],
  ['POST /books'],
  ['A reader is redirected with status 301'],
  ['At most 20 requests per minute'],
  ['An invitation expires after 30 days'],
  ['Codes are generated at random, 9 characters long'],
  ['A valid URL is needed'],
  ['A malformed e-mail address is rejected'],
  ['An empty title is refused'],
  ['Only members may sign in'],
  ['Members are notified'],
  ['Download everything as CSV'],
  ['Search by author'],
  ['Count visits'],
  ['A dashboard for everybody'],
  ['Pause and resume'],
  ['Delete a book'],
  ['Rename a book'],
  ['List the books'],
  ['Create a book'],
  ['Joy'],
  ['Answers in under 200 ms', 'quality'],
  ['99.9% availability', 'quality'],
  ['Concurrent users: 1,000+', 'quality'],
  ['Zero loss: 0 messages', 'quality'],
];

/** Always two columns: a missing one is filled by Jest with a callback that nobody calls. */
const kinds = sayings.map(([text, kind = 'functional']): [string, Requirement['kind']] => [text, kind]);

describe('the code that is written', () => {
  it.each(kinds)('for “%s” works, and its test finds the defect', (text, kind) => {
    const subject = { name: 'subject', requirement: requirement(text, kind) };
    const { code, test, defect } = templateFor(subject.requirement)(subject);
    run(code, test);
    expect(code).toContain(defect[0]);
    expect(() =>
      run(
        code.replace(defect[0], () => defect[1]),
        test,
      ),
    ).toThrow();
  });

  it('for a store works, and its test finds the defect', () => {
    const { code, test, defect } = entityStore('createBookStore', 'Book', ['title', '__proto', 'a-b']);
    run(code, test);
    expect(() =>
      run(
        code.replace(defect[0], () => defect[1]),
        test,
      ),
    ).toThrow();
  });

  it('covers every template with a saying of its own', () => {
    const templates = new Set(sayings.map(([text, kind]) => templateFor(requirement(text, kind))));
    expect(templates.size).toBe(19);
  });

  it('is JavaScript whatever the PRD says', () => {
    const nasty = fc.oneof(
      fc.constantFrom(
        '*/',
        '`$' + '{1}`',
        "'",
        '"',
        '\\',
        '\u2028',
        '\u2029',
        '\r\n',
        '</script>',
        '\uD800',
        '🎼',
        '//',
        '/*',
        '$&',
        '\0',
        'x'.repeat(5_000),
        'class',
        "GET /a'b/{x}",
        '`; throw 1; `',
        '1e999',
        '99999999999999999999999999 ms',
        '007%',
        '1.2.3 s',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.lorem({ maxCount: 3 }),
    );
    const texts = fc.array(
      fc.array(nasty, { minLength: 1, maxLength: 6 }).map((parts) => `word ${parts.join(' ')}`),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(texts, fc.constantFrom('functional' as const, 'quality' as const), (said, kind) => {
        const requirements = said.map((text, index) => ({ ...requirement(text, kind), id: `R${index + 1}` }));
        const order = { title: said.join(' '), requirements, importPath: '../x.js', broken: false };
        const { source, test } = featureModule(order);
        const body = test.replaceAll(/^import .*$/gm, '').replaceAll(/^test\(/gm, 'run(');
        const bare = source.replaceAll(/^export /gm, '');
        // Each test of the module is run, in one scope with the module itself.
        new Function('assert', 'run', `${bare}\n${body}`)(assert, (_: string, one: () => void) => one());
        expect(bare.isWellFormed() && test.isWellFormed()).toBe(true);
        entityModule({ ...order, entity: said.join(' '), fields: ['title'] });
      }),
      { numRuns: 120 },
    );
  });

  it('says any text as a literal that is that text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(new Function(`return ${literal(text)}`)()).toBe(text.toWellFormed());
        expect(() => new Function(`${docComment([text])}\nreturn 1`)()).not.toThrow();
      }),
    );
  });
});
