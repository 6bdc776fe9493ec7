import { countFlag } from '../input/amounts.ts';
import type { ListFlags } from '../requests/list-runs.ts';
import type { RegisterCommand } from './command.ts';

export const ps: RegisterCommand = (program, start) => {
  program
    .command('ps')
    .summary('runs, newest first')
    .description('Lists runs, the newest first; with --quiet their ids alone.')
    .option('-n, --limit <count>', 'how many at the most', countFlag('runs', 500), 20)
    .action((flags: ListFlags) =>
      start(async (context) => (await import('../requests/list-runs.ts')).listRuns(flags, context)),
    );
};
