import type { RetryFlags } from '../runs/resume-run.ts';
import type { RegisterCommand } from './command.ts';

export const retry: RegisterCommand = (program, start) => {
  program
    .command('retry')
    .summary('take a task out of the dead letters')
    .description(
      'Takes a task, or all of a run, out of the dead letters. Without a server the run goes on here.',
    )
    .argument('<task-or-run>', 'an id or its beginning; T4 is a task of the latest run')
    .option('--model <provider/model>', 'model for the new attempts')
    .action((id: string, flags: RetryFlags) =>
      start(async (context) => (await import('../runs/resume-run.ts')).retry(id, flags, context)),
    );
};
