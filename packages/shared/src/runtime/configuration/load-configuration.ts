import { PartituraError } from '../errors.ts';
import { passwordsIn, withoutPassword } from './passwords.ts';
import { type Configuration, type Origin, type SettingName, settingNames, settings } from './settings.ts';
import {
  type ConfigurationSource,
  type Problem,
  readFileSource,
  readFlags,
  readVariables,
} from './sources.ts';

export interface ConfigurationInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `~/.config/partitura/config.json`; null for none. A file that is not there says nothing. */
  readonly userFile: string | null;
  /** `partitura.json`; null for none. */
  readonly projectFile: string | null;
  /** By the setting's key. An undefined one was not given. */
  readonly flags: Readonly<Partial<Record<SettingName, unknown>>>;
}

/** One line of `partitura config show --origin`. */
export interface ShownSetting {
  readonly name: SettingName;
  readonly variable: string;
  /** Secrets are masked. */
  readonly value: unknown;
  readonly origin: Origin;
  /** The variable, flag or file that said so; null for a default. */
  readonly from: string | null;
  readonly description: string;
}

export interface LoadedConfiguration {
  readonly values: Configuration;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** Values that must not stand in a log: for the redactor and the logger. */
  readonly secrets: readonly string[];
  show(): readonly ShownSetting[];
}

/**
 * Puts together what the defaults, the user's file, the project's file, the environment and the flags say, the later over the
 * earlier. Every value given is checked, also one that another overrules.
 * @throws {PartituraError} `CONFIGURATION`, with a problem for each bad value, unknown `PARTITURA_` variable or unknown key
 */
export const loadConfiguration = async (input: ConfigurationInput): Promise<LoadedConfiguration> => {
  const sources = [
    await readFileSource('user file', input.userFile),
    await readFileSource('project file', input.projectFile),
    await readVariables(input.environment),
    readFlags(input.flags),
  ];
  refuse(sources.flatMap(({ problems }) => problems));
  return assemble(sources);
};

const refuse = (problems: readonly Problem[]): void => {
  if (problems.length === 0) return;
  const message = problems.map(({ path, message: what }) => `${path} ${what}.`).join(' ');
  throw new PartituraError('CONFIGURATION', message, {
    problems,
    advice: 'See `partitura config show --origin` for what there is and where it comes from.',
  });
};

const assemble = (sources: readonly ConfigurationSource[]): LoadedConfiguration => {
  const chosen = new Map<SettingName, { value: unknown; origin: Origin; from: string | null }>();
  for (const name of settingNames) {
    chosen.set(name, { value: settings[name].default, origin: 'default', from: null });
    for (const { origin, values } of sources) {
      const given = values.get(name);
      if (given) chosen.set(name, { ...given, origin });
    }
  }
  const collect = <Value>(of: (entry: { value: unknown; origin: Origin }) => Value) =>
    Object.fromEntries([...chosen].map(([name, entry]) => [name, of(entry)]));
  const secretsOf = (name: SettingName): readonly string[] => {
    const value = chosen.get(name)?.value;
    if (settings[name].secret) return typeof value === 'string' ? [value] : [];
    return settings[name].credentials ? passwordsIn(value) : [];
  };
  return {
    // Each value was checked by its own schema, or is the default beside it.
    values: collect(({ value }) => value) as Configuration,
    origins: collect(({ origin }) => origin) as Record<SettingName, Origin>,
    secrets: settingNames.flatMap(secretsOf),
    show: () =>
      [...chosen].map(([name, { value, origin, from }]) => ({
        name,
        variable: settings[name].variable,
        value: shown(name, value),
        origin,
        from,
        description: settings[name].description,
      })),
  };
};

const shown = (name: SettingName, value: unknown): unknown => {
  if (settings[name].secret) return mask(value);
  return settings[name].credentials ? withoutPassword(value) : value;
};

/** Enough to tell two keys apart, not enough to use one. */
const mask = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  return value.length < 16 ? '••••' : `••••${value.slice(-4)}`;
};
