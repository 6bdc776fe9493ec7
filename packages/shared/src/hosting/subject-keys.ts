import { join } from 'node:path';
import { keyBox, openEmbeddedSubjectKeys } from '../subject-keys/index.ts';
import type { Host } from './host.ts';
import { installationSecrets } from './installation-secrets.ts';

const fileName = 'subject-keys.db';
/** What is declared or erased in one process is known in all others within twice this time. */
const lookMs = 400;

/**
 * Before anything is read or written: what is sealed in the log can be opened, and what has to be sealed is, from the first event on. In one
 * process the keys are in its data directory; in several nobody can be declared until all are told of one place.
 * @throws {PartituraError} `SUBJECT_KEYS_FAILED`, `SUBJECT_KEY_NOT_READABLE`, `KEYS_REQUIRED`, `SECRET_KEY_UNUSABLE`
 */
export const openSubjectKeys = async (host: Host): Promise<void> => {
  const { configuration, subjects, opened, paths } = host;
  const { subjectKeysUrl: url } = configuration;
  if (url !== null) return openShared(host, url);
  if (paths === null) return;
  const box = keyBox(await installationSecrets(host));
  const store = openEmbeddedSubjectKeys({ path: join(configuration.data, fileName) });
  opened.add(() => store.close());
  await subjects.attach(store, box);
};

const openShared = async (host: Host, url: string): Promise<void> => {
  const { clock, logger, subjects, opened, engines, configuration } = host;
  const box = keyBox(await installationSecrets(host));
  // The client is loaded where it is needed.
  const { openPostgresSubjectKeys } = await import('../subject-keys/postgres-store.ts');
  const startTimeoutMs = configuration.engineStartSeconds * 1_000;
  const store = await openPostgresSubjectKeys({ url, clock, logger, startTimeoutMs });
  const closing = new AbortController();
  // Whoever declares somebody is answered when all processes know it.
  await subjects.attach(store, box, () => clock.sleep(2 * lookMs));
  engines.add('PostgreSQL (keys of subjects)', () => store.mark());
  const looking = lookAgain(host, closing.signal);
  opened.add(async () => {
    closing.abort();
    await looking;
    await store.close();
  });
};

const lookAgain = async ({ clock, logger, subjects }: Host, closing: AbortSignal): Promise<void> => {
  while (!closing.aborted) {
    await clock.sleep(lookMs, closing).catch(() => undefined);
    if (closing.aborted) return;
    await subjects.refresh().catch((error: unknown) => {
      logger.warn({ error }, 'whether somebody was declared or erased is not known at the moment');
    });
  }
};
