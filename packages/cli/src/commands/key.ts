import { Option } from 'commander';
import { momentFlag } from '../input/moment.ts';
import type { CreateKeyFlags } from '../requests/keys.ts';
import type { RegisterCommand } from './command.ts';

const collected = (scope: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...scope.split(',').map((one) => one.trim()),
];

export const key: RegisterCommand = (program, start) => {
  const group = program
    .command('key')
    .summary('keys for programs and other machines')
    .description(
      'API keys. A server that others reach asks for one, and does not start before there is one: make the first on its data directory.',
    );
  group
    .command('create')
    .summary('make one; it is printed once')
    .description('Makes a key and prints it on stdout, once: the server keeps its hash alone.')
    .requiredOption('--name <text>', 'what it is for, to tell it from others')
    .addOption(
      new Option('--role <role>', 'what it may at the most')
        .choices(['viewer', 'operator', 'admin', 'owner'])
        .default('operator'),
    )
    .option(
      '--scope <scope>',
      'narrow it: read, write, or one such as runs:write (repeatable; default: whatever the role may)',
      collected,
    )
    .option(
      '--expires <when>',
      'until when it is good: 30d, 12h or a date (default: for ever)',
      momentFlag(Date.now),
    )
    .action((flags: CreateKeyFlags) =>
      start(async (context) => (await import('../requests/keys.ts')).createKey(flags, context)),
    );
  group
    .command('ls')
    .summary('list them')
    .description('Lists keys with what they may and when they were last used; never the keys themselves.')
    .action(() => start(async (context) => (await import('../requests/keys.ts')).listKeys(context)));
  group
    .command('revoke')
    .summary('make one useless')
    .description('Revokes a key: within a second no server takes it any more.')
    .argument('<id>', 'its id, as `partitura key ls` tells it')
    .action((id: string) =>
      start(async (context) => (await import('../requests/keys.ts')).revokeKey(id, context)),
    );
};
