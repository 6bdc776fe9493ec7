import type { RegisterCommand } from './command.ts';

export const open: RegisterCommand = (program, start) => {
  program
    .command('open')
    .summary('open the server in a browser')
    .description('Opens the running server in a browser, and prints the address.')
    .argument('[id]', 'a run, project, task or agent')
    .action((id: string | undefined) =>
      start(async (context) => (await import('../requests/open-browser.ts')).openBrowser(id, context)),
    );
};
