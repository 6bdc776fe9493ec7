import type { Requirement } from '../../../planning/plan-document.ts';
import { functionName, onceEach, short } from '../naming.ts';
import { templateFor } from './choice.ts';
import { docComment } from './comments.ts';
import { entityStore } from './entity.ts';
import { literal } from './template.ts';

/** A module and its test, as text. */
export interface WrittenModule {
  readonly source: string;
  readonly test: string;
  /** What the module exports, for reports. */
  readonly exported: readonly string[];
}

export interface ModuleOrder {
  readonly title: string;
  readonly requirements: readonly Requirement[];
  /** From the test's folder to the module, with extension. */
  readonly importPath: string;
  /** Put a defect in that the test finds. */
  readonly broken: boolean;
}

interface Part {
  readonly name: string;
  readonly code: string;
  readonly test: string;
  readonly about: string;
  readonly defect: readonly [from: string, to: string];
}

/** One exported function for each requirement, in the order of the PRD. */
export const featureModule = (order: ModuleOrder): WrittenModule => {
  const unique = onceEach();
  const parts = order.requirements.map((requirement): Part => {
    const name = unique(functionName(requirement.text, `rule${requirement.id}`));
    const { code, test, defect } = templateFor(requirement)({ name, requirement });
    const about = `${docComment([requirement.text, traceOf(requirement)])}\n`;
    return {
      name,
      code: `${about}${code}`,
      test,
      about: `${requirement.id}: ${short(requirement.text, 80)}`,
      defect,
    };
  });
  return composed(order, parts);
};

/** The store of one kind of thing. */
export const entityModule = (
  order: ModuleOrder & { readonly entity: string; readonly fields: readonly string[] },
): WrittenModule => {
  const name = `create${functionName(order.entity, 'Record').replace(/^./, (first) => first.toUpperCase())}Store`;
  const { code, test, defect } = entityStore(name, order.entity, order.fields);
  return composed(order, [{ name, code, test, about: `keeps ${short(order.entity, 60)} records`, defect }]);
};

const traceOf = ({ id, sourceId, line }: Requirement): string =>
  `${id}${sourceId === null ? '' : ` (${sourceId})`}, line ${line} of the PRD.`;

const metadata = (requirements: readonly Requirement[]): string => {
  const rows = requirements.map(
    ({ id, sourceId, line, text }) =>
      `  { id: ${literal(id)}, source: ${sourceId === null ? 'null' : literal(sourceId)}, line: ${line}, text: ${literal(text)} },`,
  );
  const list = rows.length === 0 ? '[]' : `[\n${rows.join('\n')}\n]`;
  return `/** What of the PRD this module serves. */\nexport const requirements = ${list};`;
};

const composed = (order: ModuleOrder, parts: readonly Part[]): WrittenModule => {
  const header = docComment([`${order.title}.`]);
  const [first] = parts;
  const codes = parts.map(({ code, defect }, index) => {
    if (!order.broken || index > 0) return code;
    const [from, to] = defect;
    return code.replace(from, () => to);
  });
  const source = `${[header, metadata(order.requirements), ...codes].join('\n\n')}\n`;
  const imports = parts.map(({ name }) => name);
  const tests = parts.map(({ about, test }) => `test(${literal(about)}, () => {\n${test}\n});`);
  const traced = `test(${literal(`${order.title}: says what of the PRD it serves`)}, () => {
  assert.ok(requirements.every(({ id, line, text }) => /^R[0-9]+$/.test(id) && line > 0 && text !== ''));
});`;
  return {
    source,
    test: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ${[...imports, 'requirements'].join(', ')} } from ${literal(order.importPath)};

${[...(first === undefined ? [] : tests), traced].join('\n\n')}
`,
    exported: imports,
  };
};
