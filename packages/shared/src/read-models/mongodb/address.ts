import { ReadModelsError } from './errors.ts';

export interface MongoAddress {
  /** As given: holds the credentials. */
  readonly url: string;
  /** Hosts and database, for people: no credentials. */
  readonly where: string;
  readonly database: string;
}

/** Not a `URL`: it has several hosts when there are several servers. */
const shape =
  /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?(?<hosts>[^@/?]+)(?:\/(?<database>[^@/?]*))?(?:\?(?<options>[^@]*))?$/;

/**
 * `mongodb://[user:password@]host[:27017][,host…][/database][?options]`, or `mongodb+srv://`
 * @throws {ReadModelsError} `READ_MODELS_URL_INVALID`; the message does not repeat the URL, which may hold a password
 */
export const mongoAddress = (url: string): MongoAddress => {
  const { hosts, database } = shape.exec(url)?.groups ?? {};
  if (!hosts) throw urlInvalid('it is not a URL of MongoDB');
  const name = decoded(database || 'partitura');
  // What MongoDB takes on every system, and FerretDB as well.
  if (!/^[\w-]{1,63}$/.test(name)) throw urlInvalid(`a database cannot be called "${name}"`);
  return { url, where: `${hosts}/${name}`, database: name };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw urlInvalid('it has a percent sign that stands for nothing; write it %25');
  }
};

export const urlInvalid = (why: string): ReadModelsError =>
  new ReadModelsError('READ_MODELS_URL_INVALID', `The URL of the read models cannot be used: ${why}.`, {
    advice:
      'It reads mongodb://user:password@host:27017/database?authSource=admin, with : / ? # @ % of a password percent-encoded.',
  });
