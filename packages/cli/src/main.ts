import { readFile } from 'node:fs/promises';
import { runProgram } from './program.ts';

const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const version =
  typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : '';

// Whoever read it has gone (`partitura history | head`): there is nothing to say any more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const code = await runProgram(process.argv.slice(2), {
  version,
  workingDirectory: process.cwd(),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  signals: process,
  exit: (given) => process.exit(given),
});
/** Resolves when its reader has it. What a slow one has not taken yet waits in this process, and would end with it. */
const taken = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => {
    stream.write('', () => done());
  });
await taken(process.stdout);
await taken(process.stderr);
// Sockets that are kept for a next call would keep the process for a while.
process.exit(code);
