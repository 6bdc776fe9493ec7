import { builtInWorkflows } from '@partitura/shared/workflows';
import { stringify } from 'yaml';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { builtInWorkflow, readWorkflowFile } from '../input/read-workflow.ts';
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
  const found = builtInWorkflow(name);
  output.result(found, () => stringify(found).trimEnd().split('\n'));
  return exitCodes.done;
};

/** @throws {PartituraError} `INVALID_WORKFLOW`, with each field that is wrong */
export const validateWorkflow = async (
  given: string,
  { output, workingDirectory }: Context,
): Promise<ExitCode> => {
  const { name, version, phases } = await readWorkflowFile(given, workingDirectory);
  const ids = phases.map(({ id }) => id);
  output.result({ valid: true, name, version, phases: ids }, () => [
    `${given} is valid: ${name}, version ${version}, ${ids.join(' > ')}`,
  ]);
  return exitCodes.done;
};
