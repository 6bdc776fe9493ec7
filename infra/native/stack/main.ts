import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { down } from './down.ts';
import { type EngineName, engineNames } from './engines.ts';
import { status } from './status.ts';
import { up } from './up.ts';

const help = `infra/native/up [--any-port] [--only eventStore,redis,…] [--directory <path>]
infra/native/down [--wipe] [--directory <path>]
infra/native/status [--directory <path>]

The engines of the distributed profile on this machine, without containers: ${engineNames.join(', ')}.
--any-port   free ports instead of 4610 to 4615 where those are taken
--only       some of them
--wipe       deletes their data
--directory  default: .cache/native/stack of the checkout`;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const isEngine = (name: string): name is EngineName => engineNames.some((known) => known === name);

const chosen = (only: string | undefined): readonly EngineName[] => {
  if (only === undefined) return engineNames;
  const names = only.split(',');
  const unknown = names.find((name) => !isEngine(name));
  if (unknown !== undefined)
    throw new TypeError(`There is no engine "${unknown}"; there are ${engineNames.join(', ')}.`);
  return names.filter(isEngine);
};

const run = async (): Promise<boolean> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      directory: { type: 'string' },
      only: { type: 'string' },
      'any-port': { type: 'boolean', default: false },
      wipe: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, ...rest] = positionals;
  const directory =
    values.directory ?? fileURLToPath(new URL('../../../.cache/native/stack', import.meta.url));
  if (values.help || rest.length > 0) {
    say(help);
    return values.help;
  }
  switch (command) {
    case 'up':
      await up({ directory, which: chosen(values.only), anyPort: values['any-port'], say });
      return true;
    case 'down':
      await down({ directory, wipe: values.wipe, say });
      return true;
    case 'status':
      return await status({ directory, say });
    default:
      say(help);
      return false;
  }
};

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  const errors: readonly unknown[] = error instanceof AggregateError ? [...error.errors, error] : [error];
  for (const each of errors) process.stderr.write(`${each instanceof Error ? each.message : String(each)}\n`);
  process.exitCode = 1;
}
