import { Argument } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  source <(partitura completion bash)
  partitura completion zsh > ~/.zfunc/_partitura
  partitura completion fish | source`;

export const completion: RegisterCommand = (program, start) => {
  program
    .command('completion')
    .summary('complete commands in a shell')
    .description('Prints a script that completes the commands and flags of this program.')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action((shell: 'bash' | 'zsh' | 'fish') =>
      start(async ({ output }) => {
        const [{ commandTree }, { completionScript }] = await Promise.all([
          import('../completion/command-tree.ts'),
          import('../completion/scripts.ts'),
        ]);
        const script = completionScript(shell, commandTree(program));
        output.result({ shell, script }, () => [script.trimEnd()]);
        return exitCodes.done;
      }),
    );
};
