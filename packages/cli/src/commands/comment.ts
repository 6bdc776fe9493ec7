import type { RegisterCommand } from './command.ts';

export const comment: RegisterCommand = (program, start) => {
  program
    .command('comment')
    .summary('say something of a task')
    .description('Says something of a task; it stands in the log, and the next attempt reads it.')
    .argument('<task>', 'an id; T4 is a task of the latest run')
    .argument('<text...>', 'what is to be said')
    .action((task: string, words: string[]) =>
      start(async (context) => (await import('../requests/tell.ts')).comment(task, words.join(' '), context)),
    );
};
