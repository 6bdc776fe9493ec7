import type { Requirement } from '../../../planning/plan-document.ts';
import { literal } from './template.ts';

/** A test that loads every module beside the others and asks each what of the PRD it serves. */
export const wholeTest = (requirements: readonly Requirement[], extension: string, up: string): string => {
  const ids = requirements.map(({ id }) => literal(id)).join(', ');
  return `import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('${up}src/', import.meta.url);
const files = readdirSync(root, { recursive: true }).map(String).filter((file) => file.endsWith('.${extension}'));
const modules = await Promise.all(files.map((file) => import(new URL(file.replaceAll('\\\\', '/'), root).href)));

test('every module loads and says what it serves', () => {
  assert.ok(modules.length > 0);
  for (const { requirements = [] } of modules) {
    assert.ok(requirements.every(({ id, line }) => /^R[0-9]+$/.test(id) && line > 0));
  }
});

test('every requirement that can be built is served by a module', () => {
  const served = new Set(modules.flatMap(({ requirements = [] }) => requirements.map(({ id }) => id)));
  const missing = [${ids}].filter((id) => !served.has(id));
  assert.deepEqual(missing, []);
});
`;
};
