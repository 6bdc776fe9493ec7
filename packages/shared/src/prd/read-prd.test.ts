import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPrd } from './read-prd.ts';

const read = (...lines: readonly string[]) => readPrd(lines.join('\n'));
const texts = (...lines: readonly string[]): string[] => read(...lines).statements.map(({ text }) => text);

describe('readPrd', () => {
  it('makes every row of a table a statement with its id, line and priority', () => {
    const { title, statements } = read(
      '# Lending library – Product Requirements Document',
      '',
      '## Functional requirements',
      '',
      '### FR-1: Books',
      '',
      '| ID | Requirement | Priority |',
      '|----|-------------|----------|',
      '| FR-1.1 | Lend a book to a member | P0 |',
      '| FR-1.2 | Renew a loan | P1 |',
      '| FR-1.3 | Suggest what to read next | P2 |',
    );
    expect(title).toBe('Lending library');
    expect(statements).toEqual([
      expect.objectContaining({
        sourceId: 'FR-1.1',
        line: 9,
        priority: 'must',
        text: 'Lend a book to a member',
      }),
      expect.objectContaining({ sourceId: 'FR-1.2', line: 10, priority: 'should', text: 'Renew a loan' }),
      expect.objectContaining({
        sourceId: 'FR-1.3',
        line: 11,
        priority: 'could',
        text: 'Suggest what to read next',
      }),
    ]);
    expect(statements[0]?.headings).toEqual(['Functional requirements', 'Books']);
  });

  it('reads tables of figures as qualities that carry the id of their heading', () => {
    const { statements } = read(
      '## Non-functional requirements',
      '### NFR-2: Speed',
      '| Metric | Target |',
      '|---|---|',
      '| Time to lend | <300ms |',
    );
    expect(statements).toEqual([
      expect.objectContaining({ sourceId: 'NFR-2', kind: 'quality', text: 'Time to lend: <300ms', line: 5 }),
    ]);
  });

  it('finds ids wherever people write them', () => {
    const { statements } = read(
      '# Requirements',
      '- FR-1 Members can join.',
      '- **US-12**: Members can leave.',
      '- [A1] Members can be merged.',
      '- Members can be renamed (REQ_7)',
      '- HTTP2 is spoken.',
      '- S3 keeps the covers.',
    );
    expect(statements.map(({ sourceId }) => sourceId)).toEqual(['FR-1', 'US-12', 'A1', 'REQ_7', null, null]);
    expect(statements[3]?.text).toBe('Members can be renamed');
  });

  it('goes into nested lists, and takes labels for groups', () => {
    const { statements } = read(
      '## Features',
      '- Loans:',
      '  - lend for three weeks',
      '  - remind before the end',
      '- A member sees every loan they have',
      '  1. sorted by its end',
      '- **Search**: by title and author',
    );
    expect(statements.map(({ text, line }) => [line, text])).toEqual([
      [3, 'lend for three weeks'],
      [4, 'remind before the end'],
      [5, 'A member sees every loan they have'],
      [6, 'sorted by its end'],
      [7, 'Search: by title and author'],
    ]);
    expect(statements[0]?.headings).toEqual(['Features', 'Loans']);
  });

  it('reads checkboxes, done or not', () => {
    expect(texts('# Chores', '', '- [ ] Water the plants weekly', '- [x] Feed the cat twice a day')).toEqual([
      'Water the plants weekly',
      'Feed the cat twice a day',
    ]);
  });

  it('reads prose sentence by sentence, each with the line it begins on', () => {
    const { statements } = read(
      '# Bell',
      '',
      'The bell rings at noon, e.g. on Mondays. It must not',
      'ring at night! A keeper should be able to',
      'silence it. Version 2.5 could play a tune.',
    );
    expect(statements.map(({ line, priority, text }) => [line, priority, text])).toEqual([
      [3, 'must', 'The bell rings at noon, e.g. on Mondays.'],
      [3, 'must', 'It must not ring at night!'],
      [4, 'should', 'A keeper should be able to silence it.'],
      [5, 'could', 'Version 2.5 could play a tune.'],
    ]);
  });

  it('takes only what insists from the background', () => {
    expect(
      texts(
        '# Bell',
        'Bells are old. This one shall be new.',
        '## Background',
        'Everybody likes bells. They must be cast in bronze.',
        '## Requirements',
        '- Ring at noon.',
        '## Glossary',
        '- Clapper: what hits the bell; it must move.',
        '## Roadmap',
        '- [ ] Ring in May',
      ),
    ).toEqual(['This one shall be new.', 'They must be cast in bronze.', 'Ring at noon.']);
  });

  it('binds by what is out of scope, by constraints and by the stack', () => {
    const { statements } = read(
      '## Features',
      '- Ring.',
      '## Out of scope',
      '- Tunes',
      '## Constraints',
      '- Runs on SQLite',
      '## Goals & non-goals',
      'We want joy.',
      '### Non-goals',
      '* Carillons',
    );
    expect(statements.filter(({ kind }) => kind === 'constraint').map(({ text }) => text)).toEqual([
      'Not in scope: Tunes',
      'Runs on SQLite',
      'Not in scope: Carillons',
    ]);
  });

  it('keeps questions and risks apart', () => {
    const { questions, risks, statements } = read(
      '## Features',
      '- Ring at noon',
      '## Open questions',
      '1. How loud may it be?',
      '## Risks',
      '- Neighbours complain',
    );
    expect(questions).toEqual([{ text: 'How loud may it be?', line: 4 }]);
    expect(risks).toEqual(['Neighbours complain']);
    expect(statements).toHaveLength(1);
  });

  it('reads endpoints and records out of code blocks, and nothing else', () => {
    expect(
      texts(
        '## API',
        '```',
        'POST /bells          Hang a bell up',
        'GET  /bells/:id',
        '```',
        '## Data model',
        '### Bell',
        '```',
        'Bell',
        '├── id: UUID',
        '├── tone: string',
        '└── weight: number',
        '```',
        '## Features',
        '```js',
        'const ring = () => "must";',
        '```',
        'The bell can be rung.',
      ),
    ).toEqual([
      'POST /bells: Hang a bell up',
      'GET /bells/:id',
      'Bell: id, tone, weight',
      'The bell can be rung.',
    ]);
  });

  it('takes priorities from labels and headings', () => {
    const { statements } = read('## Must have', '- Ring', '## Nice to have', '- Tunes', '- A clapper (P0)');
    expect(statements.map(({ priority, text }) => [priority, text])).toEqual([
      ['must', 'Ring'],
      ['could', 'Tunes'],
      ['must', 'A clapper'],
    ]);
  });

  it('goes by the design where nothing is called a requirement', () => {
    expect(
      texts('# Bell', '## Architecture', '- Tower: holds the bell', '## Personas', '- Kim, a ringer'),
    ).toEqual(['Tower: holds the bell']);
  });

  it('goes by the background where there is nothing else', () => {
    expect(texts('# Bell', '## Overview', 'A bell that rings at noon.')).toEqual([
      'A bell that rings at noon.',
    ]);
  });

  it('finds something to build in ten words, in one line, and in a lone heading', () => {
    expect(texts('An app where neighbours lend each other tools for free')).toHaveLength(1);
    expect(texts('# A bell that rings at noon')).toEqual(['A bell that rings at noon']);
    expect(texts('用户可以创建短链接。链接三十天后过期。')).toEqual([
      '用户可以创建短链接。',
      '链接三十天后过期。',
    ]);
  });

  it('leaves front matter out, but takes its title', () => {
    const result = read('---', 'title: "Noon Bell"', 'owner: Kim', '---', '', 'It rings at noon.');
    expect(result.title).toBe('Noon Bell');
    expect(result.statements).toEqual([expect.objectContaining({ text: 'It rings at noon.', line: 6 })]);
  });

  it('survives a thousand levels of quotes and lists', () => {
    expect(
      readPrd(`${'> '.repeat(20_000)}deep\n\n${'- '.repeat(20_000)}deeper`).statements.length,
    ).toBeGreaterThan(0);
  });

  it('is not kept busy by half a million spaces or brackets', () => {
    for (const text of [`a word${' '.repeat(500_000)}here`, `A word here.\n\n${'[a](b'.repeat(60_000)}`]) {
      expect(readPrd(text).statements.length).toBeGreaterThan(0);
    }
  });

  it('finds a statement on a line that exists in anything with a word in it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '# ',
        '## Requirements\n',
        '\n\n',
        '- ',
        '| a | b |\n|---|---|\n| ',
        ' |',
        '```',
        '> ',
        '- [ ] ',
        '**',
        '`',
        'must ',
        '\r\n',
        '---\n',
        '<!-- ',
        '[x]: y\n',
        '    ',
      ),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = `word ${pieces.join('')}`;
        const { statements, title } = readPrd(text);
        const lines = text.split(/\r\n|\r|\n/).length;
        expect(statements.length).toBeGreaterThan(0);
        expect(title).not.toBe('');
        for (const statement of statements) {
          expect(statement.text).not.toBe('');
          expect(statement.text.isWellFormed()).toBe(true);
          expect(statement.line).toBeGreaterThanOrEqual(1);
          expect(statement.line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 300 },
    );
  });
});
