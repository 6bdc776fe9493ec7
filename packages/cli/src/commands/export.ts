import { Option } from 'commander';
import type { ExportFlags } from '../requests/export.ts';
import type { RegisterCommand } from './command.ts';

const examples = `
Examples:
  partitura export
  partitura export tasks --format parquet -o tasks.parquet
  partitura export events -o - | jq .type
  partitura export events -o tonight.ndjson --after 0000000000000977`;

export const exportCommand: RegisterCommand = (program, start) => {
  program
    .command('export')
    .summary('read models, facts and the log as files')
    .description(
      'Writes a file that is there as a whole or not at all, and prints up to which position it goes: with --after set to that, the next one has only what is new. Without a model, lists what there is.',
    )
    .argument('[model]', 'what, for example runs, facts-calls or events')
    .addOption(
      new Option('--format <format>', 'default: as the file is called, else ndjson').choices([
        'ndjson',
        'csv',
        'parquet',
      ]),
    )
    .option('-o, --output <file>', 'where to; - for stdout (default: MODEL.FORMAT here)')
    .option('--after <position>', 'only what is new since an export before')
    .addOption(
      new Option(
        '--formulas <way>',
        'in CSV, what a spreadsheet would run: an apostrophe before it, or as it is',
      ).choices(['escape', 'keep']),
    )
    .addHelpText('after', examples)
    .action((model: string | undefined, flags: ExportFlags) =>
      start(async (context) => {
        const { exportTo, listExports } = await import('../requests/export.ts');
        return model === undefined ? listExports(context) : exportTo(model, flags, context);
      }),
    );
};
