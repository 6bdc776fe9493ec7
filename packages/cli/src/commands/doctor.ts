import type { RegisterCommand } from './command.ts';

export const doctor: RegisterCommand = (program, start) => {
  program
    .command('doctor')
    .summary('try everything that a run needs')
    .description(
      'Tries everything that a run needs: node, git, the sandbox, model keys, the data directory, disk and port.',
    )
    .action(() => start(async (context) => (await import('../doctor/doctor.ts')).doctor(context)));
};
