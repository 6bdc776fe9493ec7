import type { RunResource } from '@partitura/shared/http';
import { openSession, type Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { joined } from '../screen/line.ts';
import { penOf } from '../screen/symbols.ts';
import { conductRun } from './conduct-run.ts';
import { createRun } from './create-run.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import { runDocument } from './run-document.ts';
import { budgetText, type RunFlags } from './run-flags.ts';

/** The main job: a project, its run, and what comes of it. */
export const startRun = async (given: string, flags: RunFlags, context: Context): Promise<ExitCode> => {
  const prepared = await prepareRun(given, flags, context);
  const { configuration } = prepared;
  const session = await openSession({
    configuration,
    version: context.version,
    mode: 'work',
    ...(flags.detach === true ? { detached: true } : {}),
  });
  try {
    const { prd, repository, settings } = prepared;
    const { id, position } = await createRun(session.client, prd, repository, settings);
    const run = await session.client.call('getRun', { params: { id }, query: { after: position } });
    context.output.note(firstLine(context, prepared, flags, run, session.url));
    if (flags.detach === true) return handedOver(context, session, run);
    return await conductRun(context, session, { runId: id, saidUntil: null });
  } finally {
    await session.close();
  }
};

export const firstLine = (
  { terminal }: Context,
  { prd, repository }: PreparedRun,
  flags: RunFlags,
  run: RunResource,
  url: string,
): string => {
  const pen = penOf(terminal);
  const words = prd.text.split(/\s+/).filter((word) => word !== '').length;
  const what = joined(
    `run ${run.id}`,
    `${prd.name} (${words} words)`,
    repository.told,
    budgetText(flags),
    run.rehearsal ? 'rehearsal: no model is asked, nothing is spent' : run.model,
    url,
  );
  return `${pen.paint('gray', '00:00')} ${pen.plain(what)}`;
};

const handedOver = ({ output, terminal }: Context, { url }: Session, run: RunResource): ExitCode => {
  const said = joined(`${run.id} goes on at ${url}`, `watch it: partitura watch ${run.id}`);
  output.result({ ...runDocument(run), url }, () => [penOf(terminal).plain(said)]);
  return exitCodes.done;
};
