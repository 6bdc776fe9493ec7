import { randomUUID } from 'node:crypto';
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { backoffAfter, type Clock, type Logger, type PartituraError } from '../../runtime/index.ts';
import { type MongoAddress, urlInvalid } from './address.ts';
import { asReadModelsError, ReadModelsError } from './errors.ts';

/** The oldest of MongoDB's that still gets corrections. */
const oldest = 6;

const settings: MongoClientOptions = {
  appName: 'partitura',
  // Whoever asks for what it has just written must not be answered by a server that is behind.
  readPreference: 'primary',
  connectTimeoutMS: 5_000,
  // A server that is stopped (SIGSTOP) does not hang up. Then it is an error, and the caller tries again.
  socketTimeoutMS: 20_000,
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 20,
};

/** How long an operation waits for a server that is away before it is told, in ms. */
const patienceMs = 10_000;
/** How long one attempt at start may take, in ms: after the first one it is said that we wait. */
const attemptMs = 2_000;

export interface ConnectOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startTimeoutMs: number;
}

/**
 * Waits for the server as long as allowed; one line says that it waits. What waiting does not heal is refused at once.
 * @throws {ReadModelsError}
 */
export const connected = async (
  address: MongoAddress,
  { clock, logger, startTimeoutMs }: ConnectOptions,
): Promise<MongoClient> => {
  const deadline = clock.now() + startTimeoutMs;
  for (let failures = 1; ; failures += 1) {
    const left = Math.max(1, deadline - clock.now());
    const problem = await problemOf(address, Math.min(attemptMs, left));
    if (problem === null) break;
    if (problem.code !== 'READ_MODELS_UNREACHABLE' || clock.now() >= deadline) throw problem;
    if (failures === 1) logger.info({ mongodb: address.where }, `waiting for MongoDB at ${address.where}`);
    await clock.sleep(backoffAfter({ backoffMs: 50, maxBackoffMs: 1_000 }, failures));
  }
  return clientOf(address, patienceMs);
};

const clientOf = ({ url }: MongoAddress, serverSelectionTimeoutMS: number): MongoClient => {
  try {
    return new MongoClient(url, { ...settings, serverSelectionTimeoutMS });
  } catch {
    // What the client says of a URL repeats parts of it, and those may be of the password.
    throw urlInvalid('its hosts or options are not such as MongoDB has');
  }
};

const problemOf = async (address: MongoAddress, timeoutMs: number): Promise<PartituraError | null> => {
  const client = clientOf(address, timeoutMs);
  try {
    await client.connect();
    const database = client.db(address.database);
    await refuseOldVersion(address, database);
    await refuseMissingRights(database);
    return null;
  } catch (error) {
    return asReadModelsError(address.where, error);
  } finally {
    await client.close();
  }
};

const refuseOldVersion = async ({ where }: MongoAddress, database: Db): Promise<void> => {
  const { version } = await database.command({ buildInfo: 1 });
  if (Number.parseInt(String(version), 10) >= oldest) return;
  throw new ReadModelsError(
    'READ_MODELS_VERSION_UNSUPPORTED',
    `MongoDB at ${where} is version ${version}; the read models need ${oldest}.0 or newer.`,
    { advice: `Upgrade MongoDB, or point PARTITURA_READ_MODELS_URL to one that is ${oldest}.0 or newer.` },
  );
};

/** By doing all that will be done, in a collection of its own: what roles mean differs from server to server. */
const refuseMissingRights = async (database: Db): Promise<void> => {
  const probe = database.collection<{ readonly _id: string; readonly at: string }>(`probe-${randomUUID()}`);
  await probe.createIndex({ at: 1 });
  await probe.insertOne({ _id: 'probe', at: '0' });
  await probe.updateOne({ _id: 'probe' }, { $set: { at: '1' } });
  await probe.findOne({ _id: 'probe' });
  await probe.deleteOne({ _id: 'probe' });
  await probe.drop();
};
