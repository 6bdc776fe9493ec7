import { PartituraError } from '@partitura/shared/runtime';
import { type Workflow, workflow } from '@partitura/shared/workflows';

/**
 * The named workflow, or the one that is spelled out.
 * @throws {PartituraError} `UNKNOWN_WORKFLOW` naming those there are, `INVALID_WORKFLOW` with each field that is wrong
 */
export const chooseWorkflow = (
  wanted: string | Readonly<Record<string, unknown>>,
  known: ReadonlyMap<string, Workflow>,
): Workflow => {
  if (typeof wanted === 'string') {
    const found = known.get(wanted);
    if (found) return found;
    throw new PartituraError('UNKNOWN_WORKFLOW', `There is no workflow "${wanted}".`, {
      advice: `There are: ${[...known.keys()].join(', ')}.`,
    });
  }
  const parsed = workflow.safeParse(wanted);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new PartituraError(
    'INVALID_WORKFLOW',
    `The workflow cannot be used: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    {
      problems,
      advice: 'Compare it with a built-in one: partitura workflow show architect-plan-swarm',
    },
  );
};

/** The models that a workflow names itself. */
export const modelsOf = ({ phases, policy }: Workflow): readonly string[] => [
  ...phases.flatMap(({ model }) => model ?? []),
  ...policy.escalation.map(({ model }) => model),
];

/** A rehearsal costs nothing, whatever models the workflow would have. */
export const withoutModels = (chosen: Workflow): Workflow => ({
  ...chosen,
  phases: chosen.phases.map((phase) => ({ ...phase, model: null })),
  policy: { ...chosen.policy, escalation: [] },
});
