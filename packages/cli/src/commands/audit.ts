import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura audit verify
  partitura audit verify r_7k2 --json | jq .findings`;

export const audit: RegisterCommand = (program, start) => {
  const group = program
    .command('audit')
    .summary('whether the log is as it was recorded')
    .description('Proofs about the log.');
  group
    .command('verify')
    .summary('find what was changed, removed, put in or moved')
    .description(
      'Verifies the log: every stream’s chain of hashes, the chain over all of them and its seals, what the read models remember, and the files. Where nobody serves, it reads the files as they are and writes nothing. Ends with 3 when something is found.',
    )
    .argument('[run]', 'only the streams of this run: an id or its beginning')
    .addHelpText('after', examples)
    .action((run: string | undefined) =>
      start(async (context) => (await import('../requests/audit.ts')).verifyAudit(run, context)),
    );
};
