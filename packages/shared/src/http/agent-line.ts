import { type AgentEvent, askByType, type ByType, type DomainEvent } from '../events/index.ts';

type Lines = Required<ByType<AgentEvent['type'], [], [], string>>;

const firstLine = (text: string, length = 120): string => {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};
const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const lines: Lines = {
  'agent.spawned': ({ agentType, model, attempt }) => `${agentType} on ${model}, attempt ${attempt}`,
  'agent.workspace_prepared': ({ branch, baseCommit, sandbox }) =>
    `worktree of ${branch} at ${baseCommit.slice(0, 8)}, sandbox: ${sandbox}`,
  'agent.step_entered': ({ step, cycle }) => `${step}, cycle ${cycle}`,
  'agent.approach_chosen': ({ summary }) => `approach: ${firstLine(summary)}`,
  'agent.context_compacted': ({ droppedMessages, tokensBefore, tokensAfter }) =>
    `context compacted: ${counted(droppedMessages, 'message')} dropped, ${tokensBefore} → ${tokensAfter} tokens`,
  'agent.checkpoint_committed': ({ commit, filesChanged, insertions, deletions }) =>
    `committed ${commit.slice(0, 8)}: ${counted(filesChanged, 'file')}, +${insertions} −${deletions}`,
  'agent.knowledge_used': ({ nodeIds }) => `uses ${counted(nodeIds.length, 'piece')} of knowledge`,
  'agent.reflected': ({ summary }) => `reflects: ${firstLine(summary)}`,
  'agent.learning_recorded': ({ learning }) => `learned: ${firstLine(learning)}`,
  'agent.checked': ({ checks }) =>
    `checks: ${checks.map(({ name, outcome }) => `${name} ${outcome}`).join(', ') || 'none'}`,
  'agent.verified': ({ passed, criteria }) =>
    `${passed ? 'verified' : 'not verified'}: ${criteria.filter(({ met }) => met).length}/${criteria.length} criteria`,
  'agent.message_sent': ({ to, text }) => `to ${to}: ${firstLine(text)}`,
  'agent.message_received': ({ from, text }) => `from ${from}: ${firstLine(text)}`,
  'agent.interrupted': ({ from, reason }) =>
    `interrupted by ${from}${reason ? `: ${firstLine(reason)}` : ''}`,
  'agent.allowance_requested': ({ amount }) => `waits for ${amount.tokens} more tokens of budget`,
  'agent.rate_limited': ({ until, problem }) => `waits until ${until}: ${firstLine(problem.message)}`,
  'agent.released': ({ reason, detail }) => `released (${reason})${detail ? `: ${firstLine(detail)}` : ''}`,
  'agent.crashed': ({ runner, detail }) => `runner ${runner} is gone: ${firstLine(detail)}`,
  'agent.resumed': ({ runner, step }) => `taken up by ${runner} at ${step}`,
  'agent.finished': (data) => {
    if (data.outcome === 'succeeded') return `done: ${firstLine(data.summary)}`;
    return data.outcome === 'failed'
      ? `failed: ${firstLine(data.problem.message)}`
      : `cancelled: ${firstLine(data.reason)}`;
  },
  'tool.called': ({ tool, arguments: given }) => `${tool} ${firstLine(given.preview, 100)}`.trimEnd(),
  'tool.returned': ({ tool, outcome, durationMs, result }) =>
    outcome === 'succeeded'
      ? `${tool} ${outcome} in ${seconds(durationMs)}`
      : `${tool} ${outcome}: ${firstLine(result.preview, 100)}`,
  'model.requested': ({ model, purpose }) => `asks ${model} for ${purpose}`,
  'model.answered': ({ model, usage, durationMs }) =>
    `${model} answered in ${seconds(durationMs)}, ${usage.inputTokens} → ${usage.outputTokens} tokens`,
  'model.failed': ({ model, problem }) => `${model} failed: ${firstLine(problem.message)}`,
};

/** What an agent did, in a few words; null for an event that is not of an agent's stream. */
export const agentLine = (event: DomainEvent): string | null => askByType(lines, event, [], []) ?? null;
