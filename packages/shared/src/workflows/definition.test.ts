import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { builtInWorkflows, workflow } from './index.ts';

const examples = join(import.meta.dirname, '../../../../examples/workflows');

const [builtIn] = [...builtInWorkflows.values()];

const problemsOf = (definition: unknown): string[] => {
  const parsed = workflow.safeParse(definition);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('workflows', () => {
  it.each([...builtInWorkflows.values()].map((one) => [one.name, one]))(
    '%s comes with the program and is one',
    (_, one) => {
      expect(problemsOf(one)).toEqual([]);
    },
  );

  it.each(readdirSync(examples))('%s among the examples is one', (file) => {
    expect(problemsOf(parse(readFileSync(join(examples, file), 'utf8')))).toEqual([]);
  });

  it('says which field is wrong', () => {
    expect(problemsOf({ ...builtIn, phases: [] })).toEqual([expect.stringMatching(/^phases: /)]);
    expect(problemsOf({ ...builtIn, agents: 3 })).toEqual([expect.stringContaining('agents')]);
  });

  it('refuses two phases of one name, and a way to a phase that is not there', () => {
    const [first, ...others] = builtIn?.phases ?? [];
    expect(problemsOf({ ...builtIn, phases: [first, first, ...others] })).toEqual([
      'phases.1.id: There are two phases "architect".',
    ]);
    const lost = { when: { fact: 'findings.open', is: 'atLeast', value: 1 }, to: { phase: 'nowhere' } };
    expect(problemsOf({ ...builtIn, phases: [{ ...first, routes: [lost] }] })).toEqual([
      'phases.0.routes.0.to.phase: There is no phase "nowhere" (there are: architect).',
    ]);
  });
});
