import type { LoadedConfiguration, SettingName, SignalSource } from '@partitura/shared/runtime';
import type { Output } from './output/output.ts';
import type { Terminal } from './screen/terminal.ts';

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly json: boolean;
  readonly events: boolean;
  readonly quiet: boolean;
  /** False with `--no-input`: nobody is there to answer. */
  readonly input: boolean;
  readonly url: string | undefined;
  readonly data: string | undefined;
  /** For whoever owns the installation: the organisation to act for. */
  readonly organization: string | undefined;
}

/** What a command has to work with: all of the world it touches. */
export interface Context {
  readonly flags: GlobalFlags;
  readonly version: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  /** Of what people read. */
  readonly terminal: Terminal;
  readonly stdin: NodeJS.ReadStream;
  readonly signals: SignalSource;
  /** Ends the process at once. */
  readonly exit: (code: number) => never;
}

/** A flag of a command that is a setting as well. */
export type SettingFlags = Readonly<Partial<Record<SettingName, unknown>>>;

/** Defaults, files, environment and flags, put together and checked. */
export const configurationOf = async (
  context: Context,
  flags: SettingFlags = {},
): Promise<LoadedConfiguration> => {
  const { configurationFiles, loadConfiguration } = await import('@partitura/shared/runtime');
  const { environment, workingDirectory } = context;
  return loadConfiguration({
    environment,
    ...configurationFiles(environment, workingDirectory),
    flags: {
      url: context.flags.url,
      data: context.flags.data,
      organization: context.flags.organization,
      ...flags,
    },
  });
};
