import type { RegisterCommand } from './command.ts';

export const organization: RegisterCommand = (program, start) => {
  const group = program
    .command('organization')
    .summary('organisations of this installation')
    .description(
      'Organisations, which see nothing of each other. Whoever owns the installation acts for one with --organization.',
    );
  group
    .command('add')
    .summary('create one')
    .description('Creates an organisation.')
    .argument('<name>', 'what it is called')
    .option('--id <id>', 'its id (default: made from the name)')
    .action((name: string, flags: { readonly id?: string }) =>
      start(async (context) =>
        (await import('../requests/organizations.ts')).addOrganization(name, flags, context),
      ),
    );
  group
    .command('ls')
    .summary('list them')
    .description('Lists organisations: your own, or all for owners of the installation.')
    .action(() =>
      start(async (context) => (await import('../requests/organizations.ts')).listOrganizations(context)),
    );
  group
    .command('show')
    .summary('one of them, with its quotas')
    .description('Shows an organisation with its quotas.')
    .argument('<id>', 'its id')
    .action((id: string) =>
      start(async (context) => (await import('../requests/organizations.ts')).showOrganization(id, context)),
    );
};
