import type { LoadedConfiguration } from '@partitura/shared/runtime';
import { type Context, configurationOf } from '../context.ts';
import { type ChosenRepository, chooseRepository } from '../input/choose-repository.ts';
import { type GivenPrd, readGivenPrd } from '../input/read-prd.ts';
import { builtInWorkflow, isWorkflowFile, readWorkflowFile } from '../input/read-workflow.ts';
import type { RunSettings } from './create-run.ts';
import { requireModel } from './model-choice.ts';
import { budgetOf, type RunFlags } from './run-flags.ts';

/** All that a run needs, looked over, with nothing made yet. */
export interface PreparedRun {
  readonly prd: GivenPrd;
  readonly configuration: LoadedConfiguration;
  readonly repository: ChosenRepository;
  readonly settings: RunSettings;
}

type ChooseRepository = (prd: GivenPrd, dataDirectory: string) => Promise<ChosenRepository>;

/** Everything that can be known to be wrong is found out before anything is made. */
export const prepareRun = async (
  given: string,
  flags: RunFlags,
  context: Context,
  choose: ChooseRepository = (prd, data) => chooseRepository(prd, flags, context, data),
): Promise<PreparedRun> => {
  const prd = await readGivenPrd(given, context);
  const configuration = await configurationOf(context, { model: flags.model, maxAgents: flags.maxAgents });
  const workflow = await workflowOf(flags.workflow, configuration, context);
  if (flags.rehearse !== true) await requireModel(configuration);
  const repository = await choose(prd, configuration.values.data);
  return { prd, configuration, repository, settings: settingsOf(flags, configuration, workflow) };
};

const workflowOf = async (
  given: string | undefined,
  { values }: LoadedConfiguration,
  { workingDirectory }: Context,
): Promise<RunSettings['workflow']> => {
  if (given === undefined) return undefined;
  if (isWorkflowFile(given)) return readWorkflowFile(given, workingDirectory);
  // Another server may know more than come with the program, and says itself what it lacks.
  return values.url === null ? builtInWorkflow(given).name : given;
};

const settingsOf = (
  flags: RunFlags,
  { values, origins }: LoadedConfiguration,
  workflow: RunSettings['workflow'],
): RunSettings => ({
  ...(workflow === undefined ? {} : { workflow }),
  ...(values.model === null || flags.rehearse === true ? {} : { model: values.model }),
  ...(flags.rehearse === true ? { rehearse: true } : {}),
  ...(origins.maxAgents === 'default' ? {} : { maxAgents: values.maxAgents }),
  ...(flags.step === true ? { step: true } : {}),
  ...budgetOf(flags),
});
