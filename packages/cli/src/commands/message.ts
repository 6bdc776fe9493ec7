import type { RegisterCommand } from './command.ts';

export const message: RegisterCommand = (program, start) => {
  program
    .command('message')
    .summary('tell an agent something')
    .description('Tells an agent at work something; it reads it at its next turn.')
    .argument('<agent>', 'an id; T4 is the agent at work on that task of the latest run')
    .argument('<text...>', 'what it is to be told')
    .action((agent: string, words: string[]) =>
      start(async (context) =>
        (await import('../requests/tell.ts')).message(agent, words.join(' '), context),
      ),
    );
};
