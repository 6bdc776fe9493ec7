import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura bundle export r_7k2 -o run.partitura.tar
  partitura bundle verify run.partitura.tar
  partitura bundle import run.partitura.tar --trust 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b`;

export const bundle: RegisterCommand = (program, start) => {
  const group = program
    .command('bundle')
    .summary('take a run along, whole and signed')
    .description('A run as one file: its events, their blobs, its branches, under one signature.')
    .addHelpText('after', examples);
  group
    .command('export')
    .summary('write the bundle of a run that has ended')
    .description('Writes a run that has ended into one signed file.')
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .requiredOption('-o, --output <file>', 'the file to write; one that is there is replaced')
    .action((run: string | undefined, flags: { output: string }) =>
      start(async (context) => (await import('../requests/bundles.ts')).exportBundle(run, flags, context)),
    );
  group
    .command('verify')
    .summary('check a bundle, without any server')
    .description('Verifies a bundle by itself. Ends with 3 when a part of it is damaged.')
    .argument('<file>', 'the bundle')
    .action((file: string) =>
      start(async (context) => (await import('../requests/bundles.ts')).verifyBundleFile(file, context)),
    );
  group
    .command('import')
    .summary('bring the run of a bundle in')
    .description(
      'Brings a run in as history, exactly as it was recorded. The same bundle again changes nothing; an import that broke off goes on.',
    )
    .argument('<file>', 'the bundle')
    .option('--trust <fingerprint>', 'take it although its key is not trusted here: this key')
    .action((file: string, flags: { trust?: string }) =>
      start(async (context) =>
        (await import('../requests/bundles.ts')).importBundleFile(file, flags, context),
      ),
    );
};
