import { readFile } from 'node:fs/promises';
import { withoutPassword } from './passwords.ts';
import { type Origin, type SettingName, settingNames, settings } from './settings.ts';

export interface Problem {
  /** The variable, flag, or file and key. */
  readonly path: string;
  /** Completes a sentence that begins with the path. */
  readonly message: string;
}

/** What one source says, checked. */
export interface ConfigurationSource {
  readonly origin: Origin;
  readonly values: ReadonlyMap<SettingName, { readonly value: unknown; readonly from: string }>;
  readonly problems: readonly Problem[];
}

const prefix = 'PARTITURA_';

/** Variables of this prefix that the program itself gives to what it starts. */
const ownMarks: ReadonlySet<string> = new Set(['PARTITURA_COMMAND_MARK']);

const byVariable: ReadonlyMap<string, SettingName> = new Map(
  settingNames.map((name) => [settings[name].variable, name]),
);

const byFileVariable: ReadonlyMap<string, SettingName> = new Map(
  settingNames
    .filter((name) => settings[name].secret || settings[name].credentials)
    .map((name) => [`${settings[name].variable}_FILE`, name]),
);

const isSetting = (key: string): key is SettingName => Object.hasOwn(settings, key);

interface Given {
  readonly name: SettingName;
  readonly raw: unknown;
  /** How the source calls it. */
  readonly from: string;
}

const check = (origin: Origin, given: readonly Given[], unknown: readonly Problem[]): ConfigurationSource => {
  const values = new Map<SettingName, { value: unknown; from: string }>();
  const problems = [...unknown];
  for (const { name, raw, from } of given) {
    const parsed = settings[name].schema.safeParse(raw);
    if (parsed.success) values.set(name, { value: parsed.data, from });
    else problems.push({ path: from, message: describe(name, raw, parsed.error.issues[0]?.message) });
  }
  return { origin, values, problems };
};

const describe = (name: SettingName, raw: unknown, message = 'is not valid'): string =>
  settings[name].secret ? message : `${message}: it is ${JSON.stringify(withoutPassword(raw))}`;

/**
 * An empty variable says nothing: that is how a shell or a compose file unsets one. What is a secret may stand in a file that
 * `<VARIABLE>_FILE` names, as container engines mount them; the variable itself comes before it.
 */
export const readVariables = async (
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ConfigurationSource> => {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const files = await Promise.all(set.map(([variable, path]) => readSecretFile(variable, path)));
  const variables = set.flatMap(([variable, raw]) => {
    const name = byVariable.get(variable);
    return name ? [{ name, raw, from: variable }] : [];
  });
  const unknown = set.flatMap(([variable]) =>
    isForeign(variable)
      ? [{ path: variable, message: `is not a variable of Partitura; there are ${known.join(', ')}` }]
      : [],
  );
  const unreadable = files.flatMap((file) => (file && 'message' in file ? [file] : []));
  // First, so that the variable itself overrules its file.
  const given = [...files.flatMap((file) => (file && 'name' in file ? [file] : [])), ...variables];
  return check('environment', given, [...unknown, ...unreadable]);
};

const isForeign = (variable: string): boolean =>
  variable.startsWith(prefix) &&
  !byVariable.has(variable) &&
  !byFileVariable.has(variable) &&
  !ownMarks.has(variable);

/** Null for a variable that names no such file. */
const readSecretFile = async (variable: string, path: string): Promise<Given | Problem | null> => {
  const name = byFileVariable.get(variable);
  if (!name) return null;
  try {
    return { name, raw: (await readFile(path, 'utf8')).trim(), from: variable };
  } catch (error) {
    return { path: variable, message: `names ${path}, which cannot be read (${messageOf(error)})` };
  }
};

const known = [...byVariable.keys()].filter((variable) => variable.startsWith(prefix));

export const readFlags = (flags: Readonly<Partial<Record<SettingName, unknown>>>): ConfigurationSource => {
  const given = settingNames
    .filter((name) => flags[name] !== undefined)
    .map((name) => ({ name, raw: flags[name], from: `--${kebab(name)}` }));
  return check('flag', given, []);
};

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const readFileSource = async (
  origin: 'user file' | 'project file',
  path: string | null,
): Promise<ConfigurationSource> => {
  const refused = (message: string): ConfigurationSource =>
    check(origin, [], [{ path: path ?? origin, message }]);
  if (path === null) return check(origin, [], []);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return check(origin, [], []);
    return refused(`cannot be read (${messageOf(error)})`);
  }
  const parsed = parseObject(content);
  return parsed.object ? checkFile(origin, path, parsed.object) : refused(parsed.problem);
};

const isMissing = (error: unknown): boolean =>
  Error.isError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));

type ParsedObject =
  | { readonly object: object; readonly problem?: never }
  | { readonly object?: never; readonly problem: string };

const parseObject = (content: string): ParsedObject => {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { object: value };
    return { problem: 'has to be a JSON object' };
  } catch (error) {
    return { problem: `is not JSON (${messageOf(error)})` };
  }
};

const checkFile = (
  origin: 'user file' | 'project file',
  path: string,
  content: object,
): ConfigurationSource => {
  const given: Given[] = [];
  const unknown: Problem[] = [];
  for (const [key, raw] of Object.entries(content)) {
    const from = `${path}: ${key}`;
    if (!isSetting(key))
      unknown.push({ path: from, message: `is not a setting; there are ${settingNames.join(', ')}` });
    else if (origin === 'project file' && !settings[key].inProjectFile)
      unknown.push({
        path: from,
        message: `is not taken from a project’s file, because whoever wrote the project would decide it; set ${settings[key].variable} or your own file`,
      });
    else given.push({ name: key, raw, from });
  }
  return check(origin, given, unknown);
};
