import type { Conventions } from './conventions.ts';
import type { Material } from './material.ts';
import { short } from './naming.ts';
import { escaped, testCommandOf } from './scaffold.ts';
import type { WrittenFile } from './written.ts';

/** An overview, and the way from every line of the PRD into the code. */
export const documentFiles = (material: Material, conventions: Conventions): WrittenFile[] => [
  { path: 'docs/overview.md', content: overview(material, conventions) },
  { path: 'docs/requirements.md', content: traces(material) },
];

const isModule = (file: string): boolean =>
  /^(?:src|skeleton)\/.+\.(?:m?js|py)$/.test(file) && !file.endsWith('__init__.py');

const overview = ({ architecture, files }: Material, conventions: Conventions): string => {
  const title = /^# Architecture of (.+)$/m.exec(architecture)?.[1] ?? 'the product';
  const summary = /^# .+\n\n([^\n#]+)/.exec(architecture)?.[1] ?? '';
  const modules = files.filter(isModule).map((file) => `- \`${file}\``);
  return `${[
    `# Overview of ${escaped(title)}`,
    ...(summary === '' ? [] : [escaped(summary)]),
    '## Modules',
    modules.length === 0 ? 'There are none yet.' : modules.join('\n'),
    '## Running the tests',
    `\`\`\`\n${testCommandOf(conventions)}\n\`\`\``,
    '[requirements.md](requirements.md) leads from the PRD to these modules.',
  ].join('\n\n')}\n`;
};

const traces = ({ requirements }: Material): string => {
  const rows = requirements.map(
    ({ id, sourceId, line, kind, priority, text }) =>
      `| ${id} | ${sourceId === null ? '' : escaped(short(sourceId, 60))} | ${line} | ${kind} | ${priority} | ${escaped(short(text, 240))} |`,
  );
  const table = [
    '| Id | In the PRD | Line | Kind | Priority | Text |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  return `${[
    '# Requirements',
    'Every module names what it serves in its exported `requirements`; search the sources for an id to find it.',
    table,
  ].join('\n\n')}\n`;
};
