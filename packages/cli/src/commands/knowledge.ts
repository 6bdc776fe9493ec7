import { countFlag } from '../input/amounts.ts';
import type { SearchFlags } from '../requests/search-knowledge.ts';
import type { RegisterCommand } from './command.ts';

export const knowledge: RegisterCommand = (program, start) => {
  const group = program
    .command('knowledge')
    .summary('what agents found out')
    .description('What agents found out, with where it comes from.');
  group
    .command('search')
    .summary('search it by words and meaning')
    .description('Searches what is known, by words and by meaning, in one project or in all.')
    .argument('<words...>', 'what to look for')
    .option('--project <id>', 'in this project only')
    .option('-n, --limit <count>', 'how many at the most', countFlag('results', 100), 10)
    .action((words: string[], flags: SearchFlags) =>
      start(async (context) =>
        (await import('../requests/search-knowledge.ts')).searchKnowledge(words, flags, context),
      ),
    );
};
