import type { RegisterCommand } from './command.ts';

export const watch: RegisterCommand = (program, start) => {
  program
    .command('watch')
    .summary('a run as it goes on')
    .description(
      'Shows a run from its beginning, and goes on until it ends. Ctrl-C ends the watching, not the run.',
    )
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .action((run: string | undefined) =>
      start(async (context) => (await import('../runs/watch-run.ts')).watchRun(run, context)),
    );
};
