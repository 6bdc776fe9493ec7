import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { PartituraError } from '@partitura/shared/runtime';
import { parse } from 'yaml';

type Definition = Readonly<Record<string, unknown>>;

/** A name goes as it is; a path (with a slash, or ending in .json, .yaml or .yml) is read. */
export const readWorkflow = async (given: string, workingDirectory: string): Promise<string | Definition> => {
  if (!given.includes('/') && !['.json', '.yaml', '.yml'].includes(extname(given))) return given;
  const text = await readFile(resolve(workingDirectory, given), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.message}`;
      throw new PartituraError('WORKFLOW_NOT_READABLE', `The workflow file ${given} ${why}.`, {
        advice: 'Name a file, or one of: partitura workflow ls',
      });
    },
  );
  return parsed(text, given);
};

/** JSON is YAML. */
const parsed = (text: string, given: string): Definition => {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new PartituraError(
      'WORKFLOW_NOT_READABLE',
      `The workflow file ${given} is neither JSON nor YAML: ${why}`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Definition;
  throw new PartituraError('INVALID_WORKFLOW', `The workflow file ${given} holds no definition.`, {
    advice: 'Compare it with a built-in one: partitura workflow show architect-plan-swarm',
  });
};
