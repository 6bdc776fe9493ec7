import { Option } from 'commander';
import type { AddMemberFlags } from '../requests/members.ts';
import type { RegisterCommand } from './command.ts';

export const member: RegisterCommand = (program, start) => {
  const group = program
    .command('member')
    .summary('who belongs to an organisation')
    .description(
      'Members of an organisation, by subject or e-mail address as the identity provider has them.',
    );
  group
    .command('add')
    .summary('make somebody a member')
    .description('Makes somebody a member.')
    .argument('<organization>', 'its id')
    .argument('<member>', 'subject, or verified e-mail address')
    .addOption(
      new Option('--role <role>', 'what they may')
        .choices(['viewer', 'operator', 'admin', 'owner'])
        .default('viewer'),
    )
    .action((organization: string, id: string, flags: AddMemberFlags) =>
      start(async (context) =>
        (await import('../requests/members.ts')).addMember(organization, id, flags, context),
      ),
    );
  group
    .command('ls')
    .summary('list them')
    .description('Lists the members of an organisation.')
    .argument('<organization>', 'its id')
    .action((organization: string) =>
      start(async (context) => (await import('../requests/members.ts')).listMembers(organization, context)),
    );
  group
    .command('rm')
    .summary('remove one')
    .description('Removes a member. The last owner stays.')
    .argument('<organization>', 'its id')
    .argument('<member>', 'as `partitura member ls` tells it')
    .action((organization: string, id: string) =>
      start(async (context) =>
        (await import('../requests/members.ts')).removeMember(organization, id, context),
      ),
    );
};
