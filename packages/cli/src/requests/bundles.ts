import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BundleVerdict, verifyBundle } from '@partitura/shared/bundles';
import { trustedFingerprints } from '@partitura/shared/hosting';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveRun } from '../connection/resolve-id.ts';
import { type Context, configurationOf } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fields } from '../output/table.ts';
import { writeFileWhole } from '../output/write-bytes.ts';
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
    const { bytes } = await client.download('exportRunBundle', { params: { id: runId } });
    const size = await writeFileWhole(file, bytes);
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
