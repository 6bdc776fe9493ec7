import { momentOrPosition } from '../input/past-moment.ts';
import type { DiffFlags } from '../requests/diff.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura diff r_7k2 --from 0000000000000412 --to 0000000000000977
  partitura diff r_7k2 --from 1h`;

export const diff: RegisterCommand = (program, start) => {
  const moment = momentOrPosition(Date.now);
  program
    .command('diff')
    .summary('what changed in a run between two moments')
    .description('Tells what changed in a run from one moment to a later one, in sentences.')
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .option('--from <position-or-time>', 'the earlier moment (default: its beginning)', moment)
    .option('--to <position-or-time>', 'the later moment (default: now)', moment)
    .addHelpText('after', examples)
    .action((run: string | undefined, flags: DiffFlags) =>
      start(async (context) => (await import('../requests/diff.ts')).diff(run, flags, context)),
    );
};
