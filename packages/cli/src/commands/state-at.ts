import type { RegisterCommand } from './command.ts';

export const state: RegisterCommand = (program, start) => {
  program
    .command('state')
    .summary('a run as it stood')
    .description('Shows a run as it stands, or as it stood at a position or a time.')
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .option(
      '--at <position-or-time>',
      'a position as history tells it, or a time such as 2026-01-31T12:00:00Z',
    )
    .action((run: string | undefined, { at }: { at?: string }) =>
      start(async (context) => (await import('../requests/state-at.ts')).state(run, at, context)),
    );
};
