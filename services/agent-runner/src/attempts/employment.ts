import { agentType, type ToolName } from '@partitura/shared/agents';
import type { AgentEvent } from '@partitura/shared/events';
import type { ChatModel, RecordedCalls } from '@partitura/shared/models';
import type { StreamSession } from '@partitura/shared/processing';
import type { CommitIdentity } from '@partitura/shared/repositories';
import type { Clock } from '@partitura/shared/runtime';
import type { Agent } from '../agents/agent.ts';
import type { Assignment } from '../agents/assignment.ts';
import type { Contents } from '../agents/contents.ts';
import type { AttemptControl } from '../agents/control.ts';
import { memory } from '../agents/memory.ts';
import { outside } from '../agents/outside.ts';
import { type QuestionDependencies, questions } from '../agents/questions.ts';
import type { AgentState } from '../agents/state.ts';
import { workplace } from '../agents/workplace.ts';
import type { ProjectChecks } from '../checks/index.ts';
import { allowanceOf, type RunView } from '../runs/run-view.ts';
import type { RunViews } from '../runs/run-views.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { ToolBox, ToolCall, ToolContext, ToolLimits } from '../tools/index.ts';
import type { Workspaces, Worktree } from '../workspaces/index.ts';
import type { KnowledgeSearch } from './knowledge-search.ts';
import type { Mailbox, Mailboxes } from './mailboxes.ts';
import { toldBy } from './operators.ts';

/** What the runner gives every agent to work with. */
export interface Equipment {
  readonly runner: string;
  readonly clock: Clock;
  readonly contents: Contents;
  readonly calls: RecordedCalls;
  readonly views: RunViews;
  readonly mailboxes: Mailboxes;
  readonly knowledge: KnowledgeSearch;
  readonly tools: Pick<ToolBox, 'specifications' | 'run'>;
  readonly toolLimits: ToolLimits;
  readonly checks: ProjectChecks;
  readonly checkTimeoutMs: number;
  readonly workspaces: Workspaces | null;
  readonly identity: CommitIdentity;
  /** Null when commands cannot be confined and the operator did not say that they need not be. */
  readonly sandboxOf: (mode: 'required' | 'off') => Promise<Sandbox | null>;
  /** @throws {ModelError} `MODEL_NOT_FOUND`, `MODEL_NOT_CONFIGURED` */
  readonly modelOf: (name: string) => ChatModel;
}

const reading: ReadonlySet<ToolName> = new Set([
  'read_file',
  'list_files',
  'search_files',
  'knowledge_search',
]);

/** Puts an agent together for an attempt. */
export const employ = async (
  equipment: Equipment,
  view: RunView,
  assignment: Assignment,
  session: StreamSession<AgentState, AgentEvent>,
  control: AttemptControl,
  mailbox: Mailbox,
  requireClaim: () => Promise<void>,
): Promise<Agent> => {
  const { contents, calls, clock, views } = equipment;
  const model = equipment.modelOf(assignment.model);
  const plain = assignment.mode === 'plain';
  const sandbox = plain ? null : await equipment.sandboxOf(view.configuration?.sandbox ?? 'required');
  const conflict = view.tasks.get(assignment.taskId)?.conflict ?? null;
  const toolContext = (toolCallId: string, worktree: Worktree | null, signal: AbortSignal): ToolContext => ({
    toolCallId,
    worktree,
    sandbox,
    searchKnowledge: (query, limit) => equipment.knowledge.find(view, query, limit, signal),
    sendMessage: async ({ to, text }) => mailbox.send(to, text),
    limits: equipment.toolLimits,
    signal,
  });
  const place = workplace(assignment, {
    contents,
    sandbox,
    workspaces: equipment.workspaces,
    checks: equipment.checks,
    identity: equipment.identity,
    checkTimeoutMs: equipment.checkTimeoutMs,
    conflict: conflict && {
      branch: conflict.branch,
      files: conflict.files,
      commit: view.submissions.get(conflict.taskId)?.commit ?? null,
    },
    redo: async (use, worktree, signal) => {
      const call = { tool: use.tool, arguments: await contents.readJson(use.arguments), redone: false };
      return equipment.tools.run(call, toolContext(use.toolCallId, worktree, signal));
    },
    tell: mailbox.tell,
    requireClaim,
  });
  const allowed = plain ? [] : toolsOf(assignment);
  const remembered = memory(calls);
  const prompt = await ownPrompt(view, assignment, contents);
  const allowance = () => allowanceOf(view, assignment.attemptId);
  // The first open call of a stream that was taken up may have begun; the ones after it have not.
  const interrupted = session.state().tools.find(({ outcome }) => outcome === null)?.toolCallId;

  return {
    session,
    assignment,
    runner: equipment.runner,
    clock,
    control,
    workplace: place,
    allowance,
    decisionOn: (requestId) => view.decisions.get(requestId) ?? null,
    takeFacts: (state) => [...mailbox.take(state), ...toldBy(view, assignment.attemptId, state)],
    questions: questions({
      assignment,
      contents,
      calls,
      model,
      memory: remembered,
      outside: outside(place, (signal) => equipment.knowledge.forTask(view, assignment.task, signal)),
      allowance,
      tools: equipment.tools.specifications(allowed),
      prompt,
      ...runMaterial(view, assignment),
      plan: () => views.plan(view),
    }),
    effects: {
      contents,
      calls,
      clock,
      model,
      memory: remembered,
      useTool: async (use, input, state, signal) => {
        if (!allowed.some((name) => name === use.tool)) {
          return {
            outcome: 'refused',
            text: `There is no tool "${use.tool}" for you. Yours are: ${allowed.join(', ')}.`,
          };
        }
        const call: ToolCall = { tool: use.tool, arguments: input, redone: use.toolCallId === interrupted };
        const worktree = await place.worktree(state, signal);
        return equipment.tools.run(call, toolContext(use.toolCallId, worktree, signal));
      },
    },
  };
};

/** What agents of the type are told in this run in place of what all are; null for that. */
export const ownPrompt = async (
  { configuration }: RunView,
  { agentType: id }: Pick<Assignment, 'agentType'>,
  contents: Pick<Contents, 'read'>,
): Promise<string | null> => {
  const own = configuration?.prompts?.[id];
  return own === undefined ? null : contents.read(own);
};

/** What the run's stream has for the questions of an attempt, as of when its runner took it up. */
export const runMaterial = (
  view: RunView,
  { taskId }: Pick<Assignment, 'taskId'>,
): Pick<QuestionDependencies, 'earlierFailures' | 'rejections' | 'project' | 'conflict'> => {
  const conflict = view.tasks.get(taskId)?.conflict ?? null;
  return {
    earlierFailures: view.failures.get(taskId) ?? [],
    rejections: view.rejections.get(taskId) ?? [],
    project: projectOf(view),
    conflict: conflict ? JSON.stringify({ branch: conflict.branch, files: conflict.files }, null, 1) : '',
  };
};

const projectOf = ({ configuration }: RunView): string => {
  if (configuration === null) return '';
  const { prd, stack, constraints, successCriteria } = configuration;
  return JSON.stringify({ name: prd.name, title: prd.title, stack, constraints, successCriteria }, null, 1);
};

export const toolsOf = ({ agentType: id, mode, repository }: Assignment): readonly ToolName[] => {
  const { tools } = agentType(id);
  if (repository === null) return tools.filter((name) => name === 'knowledge_search');
  return mode === 'review' ? tools.filter((name) => reading.has(name)) : tools;
};
