import type { RegisterCommand } from './command.ts';

export const projections: RegisterCommand = (program, start) => {
  const group = program
    .command('projections')
    .summary('read models: how far they are, and built again')
    .description('Shows how far each read model is.')
    .action(() => start(async (context) => (await import('../requests/projections.ts')).list(context)));
  group
    .command('rebuild')
    .description('Builds read models again from the log, beside the live ones, then switches; waits for it.')
    .argument('[names...]', 'of read models (default: all)')
    .option('--no-wait', 'let it go on by itself')
    .action((names: readonly string[], flags: { wait: boolean }) =>
      start(async (context) => (await import('../requests/projections.ts')).rebuild(names, flags, context)),
    );
};
