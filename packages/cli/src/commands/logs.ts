import type { LogsFlags } from '../requests/logs.ts';
import type { RegisterCommand } from './command.ts';

export const logs: RegisterCommand = (program, start) => {
  program
    .command('logs')
    .summary('what an agent did, line by line')
    .description('Shows what an agent did, line by line; of a run, all of its agents.')
    .argument(
      '[agent-or-run]',
      'an id or its beginning; T4 is the agent of that task (default: the latest run)',
    )
    .option('-f, --follow', 'go on as lines come; Ctrl-C ends it')
    .action((id: string | undefined, flags: LogsFlags) =>
      start(async (context) => (await import('../requests/logs.ts')).logs(id, flags, context)),
    );
};
