import { join } from 'node:path';
import { keyBox, openEmbeddedSubjectKeys } from '../subject-keys/index.ts';
import type { Host } from './host.ts';
import { installationSecrets } from './installation-secrets.ts';

const fileName = 'subject-keys.db';

/**
 * Before anything is read or written: what is sealed in the log can be opened, and what has to be sealed is, from the first event on.
 * @throws {PartituraError} `SUBJECT_KEYS_FAILED`, `SUBJECT_KEY_NOT_READABLE`, `KEYS_REQUIRED`, `SECRET_KEY_UNUSABLE`
 */
export const openSubjectKeys = async (host: Host): Promise<void> => {
  const { configuration, subjects, opened, paths } = host;
  if (paths === null) return;
  const box = keyBox(await installationSecrets(host));
  const store = openEmbeddedSubjectKeys({ path: join(configuration.data, fileName) });
  opened.add(() => store.close());
  await subjects.attach(store, box);
};
