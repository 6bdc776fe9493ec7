import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** As the launcher starts the program: with the compiled code of earlier starts. */
export const environment = {
  ...process.env,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile'),
};

const run = promisify(execFile);

/** What a script prints as JSON, from a process of its own, so that its memory is its own. */
export const resultOf = async (script: string, parameters: readonly number[]): Promise<unknown> => {
  const options = ['--disable-warning=ExperimentalWarning', script, ...parameters.map(String)];
  const { stdout } = await run(process.execPath, options, { env: environment });
  return JSON.parse(stdout);
};
