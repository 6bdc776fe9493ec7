import type { UpFlags } from '../server/up.ts';
import type { RegisterCommand } from './command.ts';

export const up: RegisterCommand = (program, start) => {
  program
    .command('up')
    .summary('start the server, until Ctrl-C')
    .description(
      'Starts the embedded server: the API, and everything that works. Runs that were going on are taken up again.',
    )
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'port to listen on; 0 takes a free one (default: 4600)')
    .action((flags: UpFlags) =>
      start(async (context) => (await import('../server/up.ts')).up(flags, context)),
    );
};
