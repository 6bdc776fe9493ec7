import type { ResumeFlags } from '../runs/resume-run.ts';
import type { RegisterCommand } from './command.ts';

export const resume: RegisterCommand = (program, start) => {
  program
    .command('resume')
    .summary('go on with a run')
    .description(
      'Goes on with a run that was paused, interrupted or cut off, and shows it until it ends. Nothing is done twice.',
    )
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .option('--detach', 'return at once; a server goes on with it')
    .action((run: string | undefined, flags: ResumeFlags) =>
      start(async (context) => (await import('../runs/resume-run.ts')).resumeRun(run, flags, context)),
    );
};
