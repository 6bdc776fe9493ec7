import type { RegisterCommand } from './command.ts';

export const config: RegisterCommand = (program, start) => {
  const group = program
    .command('config')
    .summary('settings')
    .description('Settings: flag over environment over project file over user file over default.');
  group
    .command('show')
    .summary('what is set')
    .description('Shows every setting; secrets are masked.')
    .option('--origin', 'show who said so')
    .action(({ origin }: { origin?: boolean }) =>
      start(async (context) =>
        (await import('../requests/show-configuration.ts')).showConfiguration(origin === true, context),
      ),
    );
};
