import type { RegisterCommand } from './command.ts';

export const approve: RegisterCommand = (program, start) => {
  program
    .command('approve')
    .summary('say yes to what waits for it')
    .description('Says yes to what waits for an approval.')
    .argument('<approval>', 'its id, as `partitura show RUN` tells it')
    .option('--comment <text>', 'why, for the log', '')
    .action((approval: string, { comment }: { comment: string }) =>
      start(async (context) => (await import('../requests/tell.ts')).approve(approval, comment, context)),
    );
};
