import type { RegisterCommand } from './command.ts';

export const workflow: RegisterCommand = (program, start) => {
  const group = program
    .command('workflow')
    .summary('ways of working')
    .description('Ways of working, as data: those that come with Partitura, and files of your own.');
  group
    .command('ls')
    .summary('list them')
    .description('Lists the ways of working that come with Partitura.')
    .action(() =>
      start(async (context) => (await import('../requests/workflows.ts')).listWorkflows(context)),
    );
  group
    .command('show')
    .summary('print one as YAML')
    .description('Prints a way of working as YAML, to begin one of your own with.')
    .argument('<name>', 'its name')
    .action((name: string) =>
      start(async (context) => (await import('../requests/workflows.ts')).showWorkflow(name, context)),
    );
  group
    .command('validate')
    .summary('check a file of your own')
    .description('Checks a workflow file (JSON or YAML) and names everything that is wrong with it.')
    .argument('<file>', 'the file')
    .action((file: string) =>
      start(async (context) => (await import('../requests/workflows.ts')).validateWorkflow(file, context)),
    );
};
