import { join } from 'node:path';

export interface ConfigurationFiles {
  readonly userFile: string | null;
  readonly projectFile: string;
}

/** Where the files are: below `XDG_CONFIG_HOME` or `~/.config`, and `partitura.json` in the working directory. */
export const configurationFiles = (
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): ConfigurationFiles => {
  const { XDG_CONFIG_HOME: given, HOME: home } = environment;
  // The XDG specification: a relative path is invalid and to be ignored.
  const base = given?.startsWith('/') ? given : home && join(home, '.config');
  return {
    userFile: base ? join(base, 'partitura', 'config.json') : null,
    projectFile: join(workingDirectory, 'partitura.json'),
  };
};
