/** A process of its own that takes a data directory, says so, and holds it until it is killed. */
import { acquireDataDirectory } from '../data-directory.ts';

const [path = '', url = ''] = process.argv.slice(2);
const clock = { now: () => 0, sleep: async () => undefined };

try {
  const directory = await acquireDataDirectory(path, { clock });
  if (url !== '') await directory.announce(url);
  process.stdout.write('held\n');
  setInterval(() => undefined, 60_000);
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : error;
  process.stdout.write(`${String(code)}\n`);
}
