import type { Contents } from '../agents/contents.ts';
import { atMost } from '../agents/prompts.ts';
import { fileAt } from './blame.ts';
import type { NamedCommit } from './commits.ts';
import { unlessLost } from './lost-content.ts';
import type { Place } from './places.ts';
import { ofType, proofOf, type Word, type Words } from './record.ts';
import type { MissingLink, WhyResource } from './resource.ts';
import { type Use, whoWrote } from './writing.ts';

type Step = NonNullable<WhyResource['step']>;
type ToolCalled = Word<'agent', 'tool.called'>;

const shownCharacters = 20_000;

export const shown = async (
  contents: Pick<Contents, 'read'>,
  reference: { readonly hash: string; readonly preview: string },
): Promise<Step['arguments']> => {
  // Content that is gone leaves its beginning in the log.
  const read = await unlessLost(contents.read({ ...reference, size: 0, contentType: '' }));
  const whole = read ?? reference.preview;
  return { artifactId: reference.hash, text: atMost(whole, shownCharacters), characters: whole.length };
};

export const checkpointOf = (words: Words<'agent'>, commit: string) =>
  ofType(words, 'agent.checkpoint_committed').find(({ data }) => data.commit === commit) ?? null;

/** What the agent did between the checkpoint before and this one; all of it when nobody recorded the commit. */
const leadingTo = (words: Words<'agent'>, commit: string): Words<'agent'> => {
  const end = words.findIndex(
    ({ type, data }) => type === 'agent.checkpoint_committed' && data.commit === commit,
  );
  if (end < 0) return words;
  const start = words.findLastIndex(
    ({ type }, index) => index < end && type === 'agent.checkpoint_committed',
  );
  return words.slice(start + 1, end);
};

/** Of those that did something: a file tool that failed left the file as it was, a command may have got half-way. */
const effective = (words: Words<'agent'>): readonly ToolCalled[] => {
  const returned = new Map(ofType(words, 'tool.returned').map(({ data }) => [data.toolCallId, data.outcome]));
  return ofType(words, 'tool.called').filter(({ data: { toolCallId, tool } }) => {
    const outcome = returned.get(toolCallId);
    return tool === 'run_command' ? outcome !== 'refused' : outcome === 'succeeded';
  });
};

const changing: ReadonlySet<string> = new Set(['write_file', 'edit_file', 'run_command']);

const usesOf = async (
  contents: Pick<Contents, 'readJson'>,
  called: readonly ToolCalled[],
): Promise<readonly Use[]> => {
  const uses: Use[] = [];
  for (const { data } of called.filter((one) => changing.has(one.data.tool))) {
    const given = await unlessLost(contents.readJson(data.arguments));
    uses.push({ toolCallId: data.toolCallId, tool: data.tool, arguments: given });
  }
  return uses;
};

/** The call of a tool with which the line came into the commit, or what comes nearest to it. */
export const stepOf = async (
  contents: Pick<Contents, 'read' | 'readJson'>,
  words: Words<'agent'>,
  { repository }: Place,
  commit: NamedCommit,
  where: { readonly path: string; readonly text: string },
  signal: AbortSignal,
): Promise<Step | MissingLink> => {
  const [parent] = commit.parents;
  const before = parent === undefined ? null : await fileAt(repository, parent, where.path, signal);
  const called = effective(leadingTo(words, commit.id));
  const uses = await usesOf(contents, called);
  const written = whoWrote(uses, { path: where.path, line: where.text, before });
  const call = called.find(({ data }) => data.toolCallId === written?.toolCallId);
  if (written === null || call === undefined)
    return {
      link: 'step',
      code: 'STEP_NOT_FOUND',
      detail: `The agent used no tool before this commit that writes "${where.path}", nor any command.`,
    };
  const { toolCallId, tool } = call.data;
  const returned = ofType(words, 'tool.returned').find(({ data }) => data.toolCallId === toolCallId);
  const entered = ofType(words, 'agent.step_entered').findLast(({ position }) => position < call.position);
  return {
    step: entered?.data.step ?? 'act',
    cycle: entered?.data.cycle ?? 1,
    certainty: written.certainty,
    toolCallId,
    tool,
    arguments: await shown(contents, call.data.arguments),
    outcome: returned?.data.outcome ?? 'unknown',
    result: returned ? await shown(contents, returned.data.result) : null,
    called: proofOf(call),
    returned: returned ? proofOf(returned) : null,
  };
};
