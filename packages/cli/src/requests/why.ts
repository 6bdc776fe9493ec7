import type { ApiClient } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import {
  addressesOf,
  type BlamedLine,
  blamedLine,
  type FileReference,
  fileReference,
  type LocalFile,
  localFile,
} from '../input/blamed-line.ts';
import { type Why, whyReport } from '../reports/why-report.ts';
import { inSession, paperOf, written } from './serve.ts';

export interface WhyFlags {
  readonly run?: string;
  readonly project?: string;
  readonly commit?: string;
}

/** `why FILE:LINE`: from the line to the PRD. */
export const why = async (given: string, flags: WhyFlags, context: Context) => {
  const reference = fileReference(given);
  const named = flags.run !== undefined || flags.project !== undefined || flags.commit !== undefined;
  const local = named ? null : await localFile(reference.file, context.workingDirectory);
  const blamed = local === null || reference.line === null ? null : await blamedLine(local, reference.line);
  const own = blamed === null ? null : answeredHere(reference, blamed);
  const show = (answer: Why): void =>
    context.output.result(answer, () => written(context, whyReport(answer, paperOf(context))));
  if (own !== null) {
    show(own);
    return exitCodes.done;
  }
  return inSession(context, 'look', async ({ client }) => {
    show(await asked(client, reference, flags, local, blamed));
    return exitCodes.done;
  });
};

const asked = async (
  client: ApiClient,
  reference: FileReference,
  flags: WhyFlags,
  local: LocalFile | null,
  blamed: BlamedLine | null,
): Promise<Why> => {
  if (blamed !== null && blamed.commit !== null && blamed.runId !== null) {
    const { runId, commit, path, line } = blamed;
    return client.call('explainLine', { query: { runId, commit, path, line } });
  }
  const path = local?.path ?? reference.file;
  const line = reference.line === null ? {} : { line: reference.line };
  const commit = flags.commit === undefined ? {} : { commit: flags.commit };
  const where = await placeOf(client, flags, local);
  return client.call('explainLine', { query: { ...where, ...commit, ...line, path } });
};

const placeOf = async (
  client: ApiClient,
  { run, project }: WhyFlags,
  local: LocalFile | null,
): Promise<{ runId: string } | { projectId: string }> => {
  if (project !== undefined && run === undefined) return { projectId: project };
  if (local === null || run !== undefined) return { runId: await resolveRun(client, run) };
  // What is asked about may be on the branch of a run that nobody merged yet.
  const addresses = new Set(await addressesOf(local));
  const { items } = await client.call('listRuns', { query: { limit: 500 } });
  const latest = items.find(({ repository }) => repository !== null && addresses.has(repository.url));
  if (latest !== undefined) return { runId: latest.id };
  throw new PartituraError('RUN_NOT_FOUND', `No run is known of the repository ${local.top}.`, {
    advice: 'Name one: partitura why FILE:LINE --run RUN, or where its data is: --data DIR',
  });
};

const nothing = {
  run: null,
  task: null,
  attempt: null,
  checkpoint: null,
  step: null,
  prompt: null,
  answer: null,
  memory: [],
  knowledge: [],
  merge: null,
  requirements: [],
  approvals: [],
  commits: [],
  notes: [],
};

/** What the work tree itself answers: a line that is not committed, or that somebody else committed. */
const answeredHere = ({ line }: FileReference, blamed: BlamedLine): Why | null => {
  if (blamed.runId !== null) return null;
  const { commit: id, path, text, author, time, subject } = blamed;
  const about = { ...nothing, path, line, text };
  const looked = { projectId: '', runId: null, branch: null, commit: id ?? '' };
  if (id === null) {
    const detail = 'The line is not committed: it is as somebody left it in this work tree.';
    return {
      ...about,
      looked,
      commit: null,
      missing: [{ link: 'commit', code: 'UNCOMMITTED_LINE', detail }],
    };
  }
  const detail = `${author} made ${id.slice(0, 12)} on ${time}; no run did.`;
  const outside = { kind: 'outside' as const, runId: null, taskId: null, attemptId: null };
  return {
    ...about,
    looked,
    commit: { id, ...outside, author, time, subject, path, line: blamed.line },
    missing: [{ link: 'run', code: 'COMMIT_FROM_OUTSIDE', detail }],
  };
};
