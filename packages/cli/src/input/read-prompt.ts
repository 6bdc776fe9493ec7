import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PartituraError } from '@partitura/shared/runtime';

/** A file's name has no blank in it; a prompt that is spelled out has. */
const isFile = (given: string): boolean => !/\s/.test(given);

const textOf = async (given: string, workingDirectory: string): Promise<string> => {
  if (!isFile(given)) return given;
  return readFile(resolve(workingDirectory, given), 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.message}`;
    throw new PartituraError('PROMPT_NOT_READABLE', `The prompt file ${given} ${why}.`, {
      advice: 'Name a file, or spell the prompt out: --prompt "eng-backend=You write …"',
    });
  });
};

/**
 * Prompts by agent type, each given as `type=file` or `type=text`.
 * @throws {PartituraError} `BAD_PROMPT`, `PROMPT_NOT_READABLE`
 */
export const readPrompts = async (
  given: readonly string[],
  workingDirectory: string,
): Promise<Readonly<Record<string, string>>> => {
  const prompts: Record<string, string> = {};
  for (const one of given) {
    const [, type, content] = /^([\w-]+)=(.+)$/s.exec(one) ?? [];
    if (type === undefined || content === undefined)
      throw new PartituraError('BAD_PROMPT', `"${one}" does not say whose prompt it is.`, {
        advice: 'Write it as --prompt eng-backend=FILE, or --prompt "eng-backend=You write …"',
      });
    prompts[type] = await textOf(content, workingDirectory);
  }
  return prompts;
};
