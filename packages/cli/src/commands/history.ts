import type { HistoryFlags } from '../requests/history.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura history r_7k2
  partitura history r_7k2 --type task.completed --json
  partitura history r_7k2 --follow --events | jq .type`;

export const history: RegisterCommand = (program, start) => {
  program
    .command('history')
    .summary('the events of a run')
    .description('Lists the events of a run, in order; as CloudEvents with --events (one a line) or --json.')
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .option('--from <position>', 'from this position on')
    .option('--to <position>', 'up to this position')
    .option('--type <type>', 'of this type, for example task.completed')
    .option('-f, --follow', 'go on as events come; Ctrl-C ends it')
    .addHelpText('after', examples)
    .action((run: string | undefined, flags: HistoryFlags) =>
      start(async (context) => (await import('../requests/history.ts')).history(run, flags, context)),
    );
};
