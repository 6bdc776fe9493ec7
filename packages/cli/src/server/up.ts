import { onShutdownSignals } from '@partitura/shared/runtime';
import { type Context, configurationOf } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { fields } from '../output/table.ts';
import { counted } from '../screen/figures.ts';
import { penOf } from '../screen/symbols.ts';

export interface UpFlags {
  readonly host?: string;
  readonly port?: string;
}

const graceMs = 10_000;

/** The embedded server, until it is told to end: once, agents come to where they can go on later; twice, at once. */
export const up = async (flags: UpFlags, context: Context): Promise<ExitCode> => {
  const configuration = await configurationOf(context, { host: flags.host, port: flags.port });
  const { values } = configuration;
  const { configuredModels } = await import('@partitura/shared/hosting');
  const { probeSandbox, startStandalone } = await import('@partitura/standalone');
  const { createLogger } = await import('@partitura/shared/runtime');
  const model = configuredModels(values).defaultModel();
  const ending = Promise.withResolvers<void>();
  const takeOff = onShutdownSignals(context.signals, {
    graceful: () => ending.resolve(),
    immediate: () => context.exit(exitCodes.interrupted),
  });
  try {
    const logger = createLogger({
      level: values.logLevel,
      name: 'partitura',
      secrets: configuration.secrets,
    });
    const standalone = await startStandalone({
      configuration,
      logger,
      version: context.version,
      mode: 'work',
      port: values.port,
    });
    const { url } = standalone;
    const sandbox = await probeSandbox(values.sandbox);
    const started = {
      url,
      pid: process.pid,
      data: values.data,
      model,
      rehearsal: model.startsWith('rehearsal/'),
      sandbox,
      runs: standalone.takenUp,
    };
    context.output.result(started, () => told(started).map(penOf(context.terminal).plain));
    await ending.promise;
    context.output.note(
      'ending: agents come to where they can go on later (Ctrl-C again ends at once, nothing is lost)',
    );
    await standalone.stop(graceMs);
    return exitCodes.done;
  } finally {
    takeOff();
  }
};

interface Started {
  readonly url: string;
  readonly data: string;
  readonly model: string;
  readonly rehearsal: boolean;
  readonly sandbox: { readonly name: string | null; readonly problem: string | null };
  readonly runs: readonly string[];
}

const told = ({ url, data, model, rehearsal, sandbox, runs }: Started): readonly string[] => [
  `Partitura is up at ${url} (Ctrl-C ends it)`,
  ...fields([
    ['data', data],
    ['model', rehearsal ? 'rehearsal: no key is set, no model is asked, nothing is spent' : model],
    ['sandbox', sandbox.name ?? `none, so commands of agents are refused: ${sandbox.problem}`],
    ['taken up', runs.length === 0 ? null : `${counted(runs.length, 'run')}: ${runs.join(', ')}`],
  ]),
];
