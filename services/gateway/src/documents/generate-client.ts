/** Writes the client's types from the OpenAPI document: `npm run generate`. The first time it fetches the generator. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { callsOf, clientDocument, fingerprintOf } from './client-document.ts';
import { callsSource, withUndefined } from './client-source.ts';

const target = join(import.meta.dirname, '../../../../packages/shared/src/http/generated');

/** The generator asks TypeScript's own API, which TypeScript 7 has none of: it gets one of its own, here alone. */
const generator = ['--package=typescript@5.9.3', '--package=openapi-typescript@7.13.0'];

const document = clientDocument();
const head = `// Generated from the OpenAPI document by \`npm run generate\`. Changes made here are lost.\n`;
const work = await mkdtemp(join(tmpdir(), 'partitura-client-'));
try {
  const source = join(work, 'openapi.json');
  const types = join(work, 'types.ts');
  await writeFile(source, JSON.stringify(document));
  const options = ['--default-non-nullable=false', '--output', types];
  await promisify(execFile)('npm', [
    'exec',
    '--yes',
    ...generator,
    '--',
    'openapi-typescript',
    source,
    ...options,
  ]);
  await writeFile(join(target, 'api.ts'), `${head}${withUndefined(await readFile(types, 'utf8'))}`);
  await writeFile(
    join(target, 'calls.ts'),
    `${head}${callsSource(callsOf(document), fingerprintOf(document))}`,
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
