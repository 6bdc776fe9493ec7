import type { AddSubjectFlags } from '../requests/subjects.ts';
import type { RegisterCommand } from './command.ts';

export const subject: RegisterCommand = (program, start) => {
  const group = program
    .command('subject')
    .summary('people whose data can be erased')
    .description(
      'People whose data can be erased. From the moment somebody is added, what they are known by is sealed, wherever it is recorded, with a key of their own; erasing them destroys the key.',
    );
  group
    .command('add')
    .summary('declare somebody, before anything about them is recorded')
    .description(
      'Declares somebody by the names, addresses and numbers they are known by. What was recorded before stays as it is, and is counted.',
    )
    .argument('<identifiers...>', 'what they are known by, each as one argument')
    .option('--label <text>', 'what to tell them from others by; it is never in the log')
    .action((identifiers: readonly string[], flags: AddSubjectFlags) =>
      start(async (context) =>
        (await import('../requests/subjects.ts')).addSubject(identifiers, flags, context),
      ),
    );
  group
    .command('ls')
    .summary('list them')
    .description('Lists who was declared and who was erased; never what they are known by.')
    .action(() => start(async (context) => (await import('../requests/subjects.ts')).listSubjects(context)));
  group
    .command('erase')
    .summary('destroy the key of somebody: there is no way back')
    .description(
      'Erases somebody: what their key has sealed reads as [erased] everywhere, and cannot be brought back. Hashes stay valid. Repositories are not touched.',
    )
    .argument('<id>', 'their id, as `partitura subject ls` tells it')
    .action((id: string) =>
      start(async (context) => (await import('../requests/subjects.ts')).eraseSubject(id, context)),
    );
};
