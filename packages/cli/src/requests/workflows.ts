import { PartituraError } from '@partitura/shared/runtime';
import { builtInWorkflows, type Workflow, workflow } from '@partitura/shared/workflows';
import { stringify } from 'yaml';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { nearest } from '../input/nearest.ts';
import { readWorkflow } from '../input/read-workflow.ts';
import { table } from '../output/table.ts';

export const listWorkflows = async ({ output, terminal }: Context): Promise<ExitCode> => {
  const items = [...builtInWorkflows.values()].map(({ name, version, description, phases }) => ({
    name,
    version,
    description,
    phases: phases.map(({ id }) => id),
  }));
  output.result({ items, nextCursor: null }, () =>
    table(
      [{ title: 'NAME' }, { title: 'PHASES' }, { title: 'DESCRIPTION', flexible: true }],
      items.map(({ name, phases, description }) => [name, phases.join(' > '), description]),
      terminal.width(),
    ),
  );
  return exitCodes.done;
};

/** As YAML, to begin one's own with; with `--json` as JSON. */
export const showWorkflow = async (name: string, { output }: Context): Promise<ExitCode> => {
  const found = builtIn(name);
  output.result(found, () => stringify(found).trimEnd().split('\n'));
  return exitCodes.done;
};

const builtIn = (name: string): Workflow => {
  const found = builtInWorkflows.get(name);
  if (found) return found;
  const names = [...builtInWorkflows.keys()];
  const [near] = nearest(name, names);
  throw new PartituraError('UNKNOWN_WORKFLOW', `There is no workflow "${name}".`, {
    advice: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
};

/** @throws {PartituraError} `INVALID_WORKFLOW`, with each field that is wrong */
export const validateWorkflow = async (
  given: string,
  { output, workingDirectory }: Context,
): Promise<ExitCode> => {
  const read = await readWorkflow(given, workingDirectory);
  const definition = typeof read === 'string' ? builtIn(read) : parsed(read, given);
  const { name, version, phases } = definition;
  output.result({ valid: true, name, version, phases: phases.map(({ id }) => id) }, () => [
    `${given} is valid: ${name}, version ${version}, ${phases.map(({ id }) => id).join(' > ')}`,
  ]);
  return exitCodes.done;
};

const parsed = (read: unknown, given: string): Workflow => {
  const result = workflow.safeParse(read);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new PartituraError(
    'INVALID_WORKFLOW',
    `${given} is not a workflow: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    {
      problems,
      advice: 'Compare it with a built-in one: partitura workflow show architect-plan-swarm',
    },
  );
};
