import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { PartituraError } from '@partitura/shared/runtime';
import { builtInWorkflows, type Workflow, workflow } from '@partitura/shared/workflows';
import { parse } from 'yaml';
import { nearest } from './nearest.ts';

const likeBuiltIn = 'Compare it with a built-in one: partitura workflow show architect-plan-swarm';

/** A path has a slash in it, or ends in .json, .yaml or .yml. */
export const isWorkflowFile = (given: string): boolean =>
  given.includes('/') || ['.json', '.yaml', '.yml'].includes(extname(given));

/** @throws {PartituraError} `UNKNOWN_WORKFLOW` */
export const builtInWorkflow = (name: string): Workflow => {
  const found = builtInWorkflows.get(name);
  if (found) return found;
  const names = [...builtInWorkflows.keys()];
  const [near] = nearest(name, names);
  throw new PartituraError('UNKNOWN_WORKFLOW', `There is no workflow "${name}".`, {
    advice: near === undefined ? `There are: ${names.join(', ')}; or name a file.` : `Did you mean ${near}?`,
  });
};

/** @throws {PartituraError} `WORKFLOW_NOT_READABLE`; `INVALID_WORKFLOW`, with each field that is wrong */
export const readWorkflowFile = async (given: string, workingDirectory: string): Promise<Workflow> => {
  const text = await readFile(resolve(workingDirectory, given), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.message}`;
      throw new PartituraError('WORKFLOW_NOT_READABLE', `The workflow file ${given} ${why}.`, {
        advice: 'Name a file, or one of: partitura workflow ls',
      });
    },
  );
  const result = workflow.safeParse(parsed(text, given));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({
    path: path.join('.') || given,
    message,
  }));
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new PartituraError(
    'INVALID_WORKFLOW',
    `${given} is not a workflow: ${first?.path}: ${first?.message}${more}`,
    { problems, advice: likeBuiltIn },
  );
};

/** JSON is YAML. */
const parsed = (text: string, given: string): unknown => {
  try {
    return parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new PartituraError(
      'WORKFLOW_NOT_READABLE',
      `The workflow file ${given} is neither JSON nor YAML: ${why}`,
      { advice: likeBuiltIn },
    );
  }
};
