import { openSession } from '../connection/session.ts';
import { type Context, configurationOf } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { chooseRepository } from '../input/choose-repository.ts';
import { readGivenPrd } from '../input/read-prd.ts';
import { readWorkflow } from '../input/read-workflow.ts';
import { dollars, quantity } from '../screen/figures.ts';
import { joined } from '../screen/line.ts';
import { penOf } from '../screen/symbols.ts';
import { conductRun } from './conduct-run.ts';
import { createRun } from './create-run.ts';
import { rehearses, requireModel } from './model-choice.ts';

export interface RunFlags {
  readonly repo?: string;
  readonly base?: string;
  readonly workflow?: string;
  readonly model?: string;
  readonly rehearse?: boolean;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly maxAgents?: number;
  readonly step?: boolean;
  readonly detach?: boolean;
  readonly yes?: boolean;
}

/** The main job. Everything that can be known to be wrong is found out before anything is made. */
export const startRun = async (given: string, flags: RunFlags, context: Context): Promise<ExitCode> => {
  const prd = await readGivenPrd(given, context);
  const configuration = await configurationOf(context, { model: flags.model, maxAgents: flags.maxAgents });
  const workflow =
    flags.workflow === undefined ? undefined : await readWorkflow(flags.workflow, context.workingDirectory);
  const { data, model } = configuration.values;
  const repository = await chooseRepository(prd, flags, context, data);
  if (flags.rehearse !== true) await requireModel(configuration);
  const session = await openSession({ configuration, version: context.version, mode: 'work' });
  try {
    const run = await createRun(session.client, prd, repository, {
      ...(workflow === undefined ? {} : { workflow }),
      ...(model !== null && flags.rehearse !== true ? { model } : {}),
      ...(flags.rehearse === true ? { rehearse: true } : {}),
      ...(configuration.origins.maxAgents === 'default' ? {} : { maxAgents: configuration.values.maxAgents }),
      ...(flags.step === true ? { step: true } : {}),
      ...budgetOf(flags),
    });
    const pen = penOf(context.terminal);
    const words = prd.text.split(/\s+/).filter((word) => word !== '').length;
    const header = joined(
      `run ${run.id}`,
      `${prd.name} (${words} words)`,
      repository.told,
      budgetText(flags),
      (await rehearses(session.client, run.id)) ? 'rehearsal: no model is asked, nothing is spent' : null,
      session.url,
    );
    context.output.note(pen.plain(`${pen.paint('gray', '00:00')} ${header}`));
    return await conductRun(context, session, { runId: run.id, saidUntil: null });
  } finally {
    await session.close();
  }
};

const budgetOf = ({ budgetUsd: usd, budgetTokens: tokens }: RunFlags) =>
  usd === undefined && tokens === undefined
    ? {}
    : { budget: { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) } };

const budgetText = ({ budgetUsd, budgetTokens }: RunFlags): string | null => {
  const limits = [
    budgetUsd === undefined ? null : dollars(budgetUsd),
    budgetTokens === undefined ? null : `${quantity(budgetTokens)} tokens`,
  ].filter((limit) => limit !== null);
  return limits.length === 0 ? null : `budget ${limits.join(', ')}`;
};
