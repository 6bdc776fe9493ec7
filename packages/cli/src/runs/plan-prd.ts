import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunResource } from '@partitura/shared/http';
import {
  mermaidFlowchart,
  mermaidGantt,
  type PlanDocument,
  planDocument,
  svgGantt,
} from '@partitura/shared/planning';
import { createRepository } from '@partitura/shared/repositories';
import { openSession, type Session } from '../connection/session.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '../exit-codes.ts';
import { type ChosenRepository, chooseRepository } from '../input/choose-repository.ts';
import type { GivenPrd } from '../input/read-prd.ts';
import { planReport } from '../reports/plan-report.ts';
import { paperOf, written } from '../requests/serve.ts';
import { conductRun } from './conduct-run.ts';
import { createRun } from './create-run.ts';
import { prepareRun } from './prepare-run.ts';
import type { RunFlags } from './run-flags.ts';
import { firstLine } from './start-run.ts';

export interface PlanFlags extends RunFlags {
  /** `gantt` where nothing else is said. */
  readonly mermaid?: 'gantt' | 'flowchart' | true;
  readonly svg?: string;
}

/** Plans, and executes nothing. */
export const planPrd = async (given: string, flags: PlanFlags, context: Context): Promise<ExitCode> => {
  const prepared = await prepareRun(given, flags, context, (prd, data) =>
    flags.repo === undefined
      ? scratchRepository(prd, resolve(context.workingDirectory, data))
      : chooseRepository(prd, { ...flags, yes: true }, context, data),
  );
  const session = await openSession({
    configuration: prepared.configuration,
    version: context.version,
    mode: 'work',
  });
  try {
    const { prd, repository, settings } = prepared;
    const { id, position } = await createRun(session.client, prd, repository, {
      ...settings,
      planOnly: true,
    });
    const run = await session.client.call('getRun', { params: { id }, query: { after: position } });
    context.output.note(firstLine(context, prepared, {}, run, session.url));
    return await conductRun(context, session, {
      runId: id,
      saidUntil: null,
      conclude: (ended) => present(context, session, ended, flags),
    });
  } finally {
    await session.close();
  }
};

const identity = { name: 'Partitura', email: 'partitura@localhost' };

/** A plan needs no repository of one's own; a project needs one. It is kept with the data, out of sight. */
const scratchRepository = async (prd: GivenPrd, data: string): Promise<ChosenRepository> => {
  const url = join(data, 'plans', `${prd.slug}-${Date.now().toString(36)}`);
  return {
    url,
    baseBranch: 'main',
    told: 'plan only, nothing is executed',
    make: async () => {
      await mkdir(join(data, 'plans'), { recursive: true });
      await createRepository(url, { files: { [prd.name]: prd.text }, message: `Plan ${prd.name}`, identity });
    },
  };
};

const present = async (
  context: Context,
  session: Session,
  run: RunResource,
  flags: PlanFlags,
): Promise<ExitCode> => {
  if (run.status !== 'completed') {
    context.output.result(
      { run: run.id, project: run.projectId, status: run.status, statusDetail: run.statusDetail },
      () => [],
    );
    return exitCodeOfRun(run);
  }
  const {
    proposal: _,
    runId: __,
    artifactId: ___,
    ...plan
  } = await session.client.call('getRunPlan', { params: { id: run.id } });
  const document = planDocument.parse(plan);
  if (flags.svg !== undefined)
    await writeFile(resolve(context.workingDirectory, flags.svg), svgGantt(document, run.projectName));
  context.output.result(
    {
      run: run.id,
      project: run.projectId,
      status: run.status,
      rehearsal: run.rehearsal,
      plan: document,
      usage: run.usage,
      position: run.position,
    },
    () => drawn(document, run, flags, context),
  );
  if (flags.svg !== undefined) context.output.note(`drawn in ${flags.svg}`);
  return exitCodes.done;
};

const drawn = (
  plan: PlanDocument,
  run: RunResource,
  { mermaid }: PlanFlags,
  context: Context,
): readonly string[] => {
  switch (mermaid) {
    case true:
    case 'gantt':
      return [mermaidGantt(plan, run.projectName).trimEnd()];
    case 'flowchart':
      return [mermaidFlowchart(plan).trimEnd()];
    default:
      return written(context, [
        '',
        ...planReport(plan, {
          ...paperOf(context),
          unicode: context.terminal.unicode,
          rehearsal: run.rehearsal,
        }),
      ]);
  }
};
