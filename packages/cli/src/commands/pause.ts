import type { RegisterCommand } from './command.ts';

export const pause: RegisterCommand = (program, start) => {
  program
    .command('pause')
    .summary('schedule nothing new')
    .description('Pauses a run: nothing new is scheduled, agents come to where they can go on later.')
    .argument('<run>', 'an id or its beginning')
    .option('--reason <text>', 'why, for the log', '')
    .action((run: string, { reason }: { reason: string }) =>
      start(async (context) => (await import('../requests/tell.ts')).pause(run, reason, context)),
    );
};
