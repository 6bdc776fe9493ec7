import { type Context, configurationOf } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';

/** `config show`: what counts, and with `--origin` who said so. Secrets are masked. */
export const showConfiguration = async (origin: boolean, context: Context): Promise<ExitCode> => {
  const shown = (await configurationOf(context)).show();
  const document = Object.fromEntries(
    shown.map(({ name, value, origin: by, from }) => [name, origin ? { value, origin: by, from } : value]),
  );
  context.output.result(document, () => {
    const columns = [
      { title: 'SETTING' },
      { title: 'VALUE' },
      ...(origin ? [{ title: 'ORIGIN' }] : []),
      { title: 'MEANING', flexible: true },
    ];
    const rows = shown.map(({ name, value, origin: by, from, description }) => [
      name,
      text(value),
      ...(origin ? [from === null ? by : `${by} (${from})`] : []),
      description,
    ]);
    return table(columns, rows, context.terminal.width());
  });
  return exitCodes.done;
};

const text = (value: unknown): string => {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-';
  return Array.isArray(value) ? value.join(',') : String(value);
};
