import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura show                 the latest run
  partitura show r_7k2           the beginning of an id is enough
  partitura show T4              a task of the latest run
  partitura show r_7k2.T4.a1     an agent`;

export const show: RegisterCommand = (program, start) => {
  program
    .command('show')
    .summary('a run, project, task or agent')
    .description('Shows what an id names: a run, a project, a task or an agent.')
    .argument('[id]', 'an id or its beginning (default: the latest run)')
    .addHelpText('after', examples)
    .action((id: string | undefined) =>
      start(async (context) => (await import('../requests/show.ts')).show(id, context)),
    );
};
