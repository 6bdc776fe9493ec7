import type { RejectFlags } from '../requests/reject.ts';
import type { RegisterCommand } from './command.ts';

export const reject: RegisterCommand = (program, start) => {
  program
    .command('reject')
    .summary('do not take what a task made')
    .description(
      'Rejects the result of a task that is done, also of a run that has ended. The task and what consumed its result are done again; all else stays, and is not paid again.',
    )
    .argument('<task>', 'an id; T4 is a task of the latest run')
    .requiredOption('--reason <text>', 'what is wrong with it; whoever does it again is told')
    .option('--no-redo', 'only put it into the dead letters')
    .option('--dry-run', 'only list what would be done again')
    .action((task: string, flags: RejectFlags) =>
      start(async (context) => (await import('../requests/reject.ts')).reject(task, flags, context)),
    );
};
