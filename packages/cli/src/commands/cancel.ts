import type { RegisterCommand } from './command.ts';

export const cancel: RegisterCommand = (program, start) => {
  program
    .command('cancel')
    .summary('end a run for good')
    .description('Ends a run. What was merged stays merged; other work stays on its branches.')
    .argument('<run>', 'an id or its beginning')
    .option('--reason <text>', 'why, for the log', '')
    .action((run: string, { reason }: { reason: string }) =>
      start(async (context) => (await import('../requests/tell.ts')).cancel(run, reason, context)),
    );
};
