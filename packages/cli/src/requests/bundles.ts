import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type BundleVerdict, verifyBundle } from '@partitura/shared/bundles';
import { trustedFingerprints } from '@partitura/shared/hosting';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveRun } from '../connection/resolve-id.ts';
import { type Context, configurationOf } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fields } from '../output/table.ts';
import { inSession, written } from './serve.ts';

/** `bundle export RUN -o F`: the file is whole, or is not there. */
export const exportBundle = (
  given: string | undefined,
  { output: name }: { output: string },
  context: Context,
) =>
  inSession(context, 'look', async ({ client }) => {
    const runId = await resolveRun(client, given);
    const file = resolve(context.workingDirectory, name);
    const draft = `${file}.draft`;
    const { bytes } = await client.download('exportRunBundle', { params: { id: runId } });
    try {
      await pipeline(bytes, createWriteStream(draft)).catch((error: unknown) => {
        throw unwritable(file, error);
      });
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
    const { size } = await stat(file);
    context.output.result({ runId, file, bytes: size }, () => [`${file} has ${runId}: ${size} bytes.`]);
    return exitCodes.done;
  });

/** `bundle verify F`: needs the file alone. */
export const verifyBundleFile = async (name: string, context: Context) => {
  const file = await fileAt(name, context);
  const verdict = await verifyBundle(createReadStream(file));
  const { values } = await configurationOf(context);
  const trusted = await trustedFingerprints(values);
  const isTrusted = verdict.manifest !== null && trusted.has(verdict.manifest.fingerprint);
  context.output.result({ ...verdict, trusted: isTrusted }, () =>
    written(context, linesOf(verdict, isTrusted)),
  );
  return verdict.intact ? exitCodes.done : exitCodes.failedChecks;
};

export const importBundleFile = async (name: string, { trust }: { trust?: string }, context: Context) => {
  const file = await fileAt(name, context);
  const { size: length } = await stat(file);
  return inSession(context, 'look', async ({ client }) => {
    const imported = await client.call('importBundle', {
      query: trust === undefined ? {} : { trust },
      body: { contentType: 'application/x-tar', length, bytes: createReadStream(file) },
    });
    const { runId, changed, events, blobs, repository } = imported;
    context.output.result(imported, () =>
      written(context, [
        changed
          ? `✓ ${runId} is here: ${events} events, ${blobs} blobs.`
          : `✓ ${runId} was here already: nothing was changed.`,
        ...(repository === null ? [] : [`  Its branches are in ${repository}, below the data directory.`]),
      ]),
    );
    return exitCodes.done;
  });
};

const linesOf = ({ intact, findings, manifest }: BundleVerdict, trusted: boolean): readonly string[] => {
  if (!intact || manifest === null)
    return findings.map(({ entry, sentence }) => `✗ ${entry ?? 'archive'}: ${sentence}`);
  const { runId, projectId, events, streams, blobs, missingBlobs, repository, repositoryMissing } = manifest;
  const missing = missingBlobs.length === 0 ? '' : `, ${missingBlobs.length} were lost before it was made`;
  return [
    `✓ The bundle is what was signed.`,
    ...fields([
      ['run', runId],
      ['project', projectId],
      ['events', `${events.count} in ${streams.length} streams`],
      ['blobs', `${blobs.length}${missing}`],
      [
        'branches',
        repository === null ? (repositoryMissing ?? 'none') : Object.keys(repository.branches).join(' '),
      ],
      ['signed by', `${manifest.fingerprint}${trusted ? '' : ', which is not trusted here'}`],
    ]),
  ];
};

/** @throws {PartituraError} `INVALID_INPUT` */
const fileAt = async (name: string, { workingDirectory }: Context): Promise<string> => {
  const file = resolve(workingDirectory, name);
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return file;
  throw new PartituraError('INVALID_INPUT', `There is no file ${file}.`);
};

const unwritable = (file: string, error: unknown): unknown => {
  const code: unknown = Error.isError(error) && 'code' in error ? error.code : null;
  if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR' && code !== 'ENOSPC') return error;
  return new PartituraError('INVALID_INPUT', `${file} cannot be written: ${String(error)}`, { cause: error });
};
