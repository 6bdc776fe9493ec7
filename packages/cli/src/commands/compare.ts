import type { CompareFlags } from '../requests/compare.ts';
import type { RegisterCommand } from './command.ts';

export const compare: RegisterCommand = (program, start) => {
  program
    .command('compare')
    .summary('two runs side by side')
    .description(
      'Compares two runs by task (cost, time, gates, outcome), by decision (where they part) and by their code.',
    )
    .argument('<a>', 'a run: an id or its beginning')
    .argument('<b>', 'the other')
    .option('--patch', 'show the code’s difference as a patch')
    .action((a: string, b: string, flags: CompareFlags) =>
      start(async (context) => (await import('../requests/compare.ts')).compare(a, b, flags, context)),
    );
};
