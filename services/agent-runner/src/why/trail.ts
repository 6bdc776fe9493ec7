import { checkpointOf, stepOf } from './attempt.ts';
import type { Blamed } from './blame.ts';
import type { NamedCommit } from './commits.ts';
import {
  answerOf,
  type ContextDependencies,
  knowledgeOf,
  memoryOf,
  promptOf,
  requestBehind,
} from './context.ts';
import type { Place } from './places.ts';
import { ofType, proofOf, type Words } from './record.ts';
import type { MissingLink, WhyResource } from './resource.ts';

const nothingKnown = {
  attempt: null,
  checkpoint: null,
  step: null,
  prompt: null,
  answer: null,
  memory: [],
  knowledge: [],
};

export const isMissing = (found: object): found is MissingLink => 'link' in found && 'code' in found;

/** What leads from a commit into the log. */
export interface Trail {
  readonly place: Place;
  readonly commit: NamedCommit;
  readonly blamed: Blamed;
  readonly run: Words<'run'>;
  readonly words: Words<'agent'>;
  readonly taskId: string;
}

type Work = Pick<
  WhyResource,
  'attempt' | 'checkpoint' | 'step' | 'prompt' | 'answer' | 'memory' | 'knowledge' | 'missing'
>;

/** What the attempt did, as its own stream has it. */
export const workOf = async (
  dependencies: ContextDependencies,
  trail: Trail,
  signal: AbortSignal,
): Promise<Work> => {
  const { commit, words, blamed, place } = trail;
  const [spawned] = ofType(words, 'agent.spawned');
  if (spawned === undefined || commit.attemptId === null)
    return {
      ...nothingKnown,
      missing: [
        {
          link: 'attempt',
          code: 'ATTEMPT_NOT_RECORDED',
          detail: `The commit says that ${commit.attemptId} made it, and nothing is recorded of that attempt.`,
        },
      ],
    };
  const { attempt: number, agentType, model, runner } = spawned.data;
  const attempt = { id: commit.attemptId, number, agentType, model, runner, event: proofOf(spawned) };
  if (commit.kind === 'merge') return { ...nothingKnown, attempt, missing: [ofMerge(commit)] };
  const made = checkpointOf(words, commit.id);
  const checkpoint = made && {
    commit: commit.id,
    filesChanged: made.data.filesChanged,
    event: proofOf(made),
  };
  const missing = checkpoint === null ? [notRecorded(commit)] : [];
  const where = { path: blamed.path, text: blamed.text };
  const step = await stepOf(dependencies.contents, words, place, commit, where, signal);
  if (isMissing(step)) return { ...nothingKnown, attempt, checkpoint, missing: [...missing, step] };
  const asking = await askingOf(dependencies, trail, step.toolCallId);
  return { ...asking, attempt, checkpoint, step, missing: [...missing, ...asking.missing] };
};

const ofMerge = ({ id, attemptId }: NamedCommit): MissingLink => ({
  link: 'checkpoint',
  code: 'LINE_OF_A_MERGE',
  detail: `The line is as the merge ${id.slice(0, 12)} of ${attemptId} made it: no agent wrote it so.`,
});

const notRecorded = ({ id, attemptId }: NamedCommit): MissingLink => ({
  link: 'checkpoint',
  code: 'CHECKPOINT_NOT_RECORDED',
  detail: `${attemptId} did not record ${id.slice(0, 12)}: the commit was changed afterwards, or the runner died before it could say so. What follows is by the commit’s word.`,
});

type Asking = Pick<Work, 'prompt' | 'answer' | 'memory' | 'knowledge' | 'missing'>;

/** What the model was asked, what it had before it, and what it said. */
const askingOf = async (
  dependencies: ContextDependencies,
  { words, run, taskId, place }: Trail,
  toolCallId: string,
): Promise<Asking> => {
  const requested = requestBehind(words, toolCallId);
  if (requested === null) {
    const detail = `Nothing is recorded of the question that led to ${toolCallId}.`;
    return { ...nothingKnown, missing: [{ link: 'prompt', code: 'PROMPT_NOT_RECORDED', detail }] };
  }
  const prompt = await promptOf(dependencies, requested);
  const answer = await answerOf(dependencies, words, requested);
  return {
    prompt: isMissing(prompt) ? null : prompt,
    answer: isMissing(answer) ? null : answer,
    memory: await memoryOf(dependencies, words, run, taskId, requested),
    knowledge: await knowledgeOf(dependencies, words, place.projectId, requested),
    missing: [prompt, answer].filter(isMissing),
  };
};
