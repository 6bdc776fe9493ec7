import { Option } from 'commander';
import { pastMomentFlag } from '../input/past-moment.ts';
import type { HistoryFlags } from '../requests/history.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura history r_7k2
  partitura history r_7k2 --type task.completed --json
  partitura history r_7k2 --task T4 --since 2h
  partitura history p_4v8 --actor user:ada --reverse
  partitura history r_7k2 --follow --events | jq .type`;

const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const history: RegisterCommand = (program, start) => {
  const moment = pastMomentFlag(Date.now);
  program
    .command('history')
    .summary('the events of a run, project, task or agent')
    .description(
      'Lists the events of a run, a project, a task or an agent, in order; as CloudEvents with --events (one a line) or --json.',
    )
    .argument('[id]', 'an id or its beginning (default: the latest run)')
    .option('--from <position>', 'from this position on')
    .option('--to <position>', 'up to this position')
    .option('--type <type>', 'of this type, for example task.completed; may be given several times', several)
    .option('--task <task>', 'of this task and its agents')
    .option('--agent <agent>', 'of this agent')
    .option('--actor <actor>', 'of what this one did, for example user:ada')
    .option('--since <time>', 'from this time on, or for so long: 2h, 30m', moment)
    .option('--until <time>', 'up to this time, or until so long ago', moment)
    .addOption(new Option('--reverse', 'the last one first').conflicts('follow'))
    .option('-f, --follow', 'go on as events come; Ctrl-C ends it')
    .addHelpText('after', examples)
    .action((id: string | undefined, flags: HistoryFlags) =>
      start(async (context) => (await import('../requests/history.ts')).history(id, flags, context)),
    );
};
