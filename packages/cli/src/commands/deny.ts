import type { RegisterCommand } from './command.ts';

export const deny: RegisterCommand = (program, start) => {
  program
    .command('deny')
    .summary('say no to what waits for it')
    .description('Says no to what waits for an approval.')
    .argument('<approval>', 'its id, as `partitura show RUN` tells it')
    .option('--comment <text>', 'why, for the log', '')
    .action((approval: string, { comment }: { comment: string }) =>
      start(async (context) => (await import('../requests/tell.ts')).deny(approval, comment, context)),
    );
};
