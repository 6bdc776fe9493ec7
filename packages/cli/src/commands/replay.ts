import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura replay r_7k2
  partitura replay r_7k2 --json | jq .divergence`;

export const replay: RegisterCommand = (program, start) => {
  program
    .command('replay')
    .summary('decide a run once more')
    .description(
      'Plays a run again on its recorded answers and results, without a token and without writing anything, and compares every decision with the record. Exit code 3 when one differs.',
    )
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .addHelpText('after', examples)
    .action((run: string | undefined) =>
      start(async (context) => (await import('../requests/replay.ts')).replay(run, context)),
    );
};
