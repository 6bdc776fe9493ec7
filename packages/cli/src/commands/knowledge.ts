import { countFlag } from '../input/amounts.ts';
import type { RetractFlags } from '../requests/retract-knowledge.ts';
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
  group
    .command('consumers')
    .summary('who was told of something')
    .description('Lists attempts that had it in their context, and what is known from them.')
    .argument('<node>', 'its id, as `partitura knowledge search` tells it')
    .action((node: string) =>
      start(async (context) =>
        (await import('../requests/retract-knowledge.ts')).listConsumers(node, context),
      ),
    );
  group
    .command('retract')
    .summary('say that something is not so')
    .description('Retracts something for good: it is not found any more, nor what is known from it alone.')
    .argument('<node>', 'its id, as `partitura knowledge search` tells it')
    .requiredOption('--reason <text>', 'why it is not to be relied on')
    .option('--redo', 'do again what was built upon it')
    .action((node: string, flags: RetractFlags) =>
      start(async (context) =>
        (await import('../requests/retract-knowledge.ts')).retractKnowledge(node, flags, context),
      ),
    );
};
