import type { Replayed } from '@partitura/shared/replaying';
import type { Assignment } from '../agents/assignment.ts';
import { conclude } from '../agents/conclude.ts';
import type { Contents } from '../agents/contents.ts';
import { notUsed, waitUntil } from '../agents/effects.ts';
import type { Intent } from '../agents/next.ts';
import type { AgentState, OpenCall, ToolUse } from '../agents/state.ts';
import { type Ahead, decided, outcome, type Seen } from './recorded-ahead.ts';

/** What came of each effect of an agent, taken from the record in place of doing it. Empty: the record has something else. */
export interface RecordedOutcomes {
  /** What a model said, and what follows from its failing. `since` in milliseconds since the epoch. */
  answered(state: AgentState, call: OpenCall, ahead: Ahead, since: Seen['since']): readonly Replayed[];
  usedTool(state: AgentState, use: ToolUse, ahead: Ahead): Promise<readonly Replayed[]>;
  /** Of a workspace, a commit or checks. */
  made(state: AgentState, intent: Intent, ahead: Ahead): readonly Replayed[];
}

export const recordedOutcomes = (assignment: Assignment, contents: Contents): RecordedOutcomes => {
  const concluded = (state: AgentState, of: Parameters<typeof conclude>[2]) =>
    conclude(state, assignment, of);

  const answered: RecordedOutcomes['answered'] = (state, call, ahead, since) => {
    const [said, then] = ahead;
    if (said.type === 'model.answered')
      return outcome(concluded(state, { kind: 'answered', answered: { ...said.data, callId: call.callId } }));
    if (said.type !== 'model.failed') return [];
    const data = { ...said.data, callId: call.callId };
    const waited = waitUntil(state, { type: 'model.failed', data }, 0);
    const limited = then?.type === 'agent.rate_limited' ? Date.parse(then.data.until) : null;
    // Counted from when the answer came, between the question's event and this one.
    const came = waited === null || limited === null ? Number.NaN : limited - Date.parse(waited);
    const now = came >= since && came <= Date.parse(said.time) ? came : Date.parse(said.time);
    const until = waitUntil(state, { type: 'model.failed', data }, now);
    return outcome(concluded(state, { kind: 'unanswered', failed: data, until }));
  };

  const made: RecordedOutcomes['made'] = (state, intent, [now]) => {
    switch (intent.kind) {
      case 'prepare_workspace':
        return now.type === 'agent.workspace_prepared'
          ? outcome(concluded(state, { kind: 'workspace_prepared', workspace: now.data }))
          : [];
      case 'commit':
        return now.type === 'agent.checkpoint_committed'
          ? outcome(concluded(state, { kind: 'committed', checkpoint: now.data }))
          : decided(concluded(state, { kind: 'committed', checkpoint: null }));
      case 'check':
        return now.type === 'agent.checked'
          ? outcome(concluded(state, { kind: 'checked', checks: now.data.checks }))
          : [];
      default:
        return [];
    }
  };

  const usedTool: RecordedOutcomes['usedTool'] = async (state, use, [now]) => {
    if (state.interrupted) return decided(concluded(state, await notUsed({ contents }, use, 'refused')));
    if (now.type !== 'tool.returned') return [];
    const { toolCallId, tool } = use;
    return outcome(concluded(state, { kind: 'tool_returned', returned: { ...now.data, toolCallId, tool } }));
  };

  return { answered, usedTool, made };
};
