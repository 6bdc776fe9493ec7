import type { AgentResource, RunChange } from '@partitura/shared/http';
import { counted, dollars, pairsOf } from './change.ts';

const change = (
  { id, position }: AgentResource,
  name: string,
  says: string,
  facts: Pick<RunChange, 'before' | 'after'>,
): RunChange => ({
  subject: 'agent',
  id,
  change: name,
  sentence: `${id} ${says}.`,
  ...facts,
  position,
});

const spawned = (agent: AgentResource): RunChange =>
  change(agent, 'spawned', `began (${agent.type}, ${agent.model})`, {
    before: null,
    after: { taskId: agent.taskId, attempt: agent.attempt, type: agent.type, model: agent.model },
  });

const endings: Readonly<Record<AgentResource['status'], string>> = {
  running: 'ended',
  waiting: 'ended',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
};

const ended = (was: AgentResource | null, is: AgentResource): RunChange => {
  const { calls, costUsd } = is.usage;
  return change(
    is,
    is.status,
    `${endings[is.status]} after ${counted(calls, 'call')}, for ${dollars(costUsd)}`,
    {
      before: was === null ? null : { status: was.status },
      after: { status: is.status, commit: is.commit, calls, costUsd },
    },
  );
};

const crashed = (was: AgentResource | null, is: AgentResource): RunChange => {
  const before = was?.crashes ?? 0;
  return change(is, 'crashed', `crashed ${counted(is.crashes - before, 'time')}`, {
    before: { crashes: before },
    after: { crashes: is.crashes },
  });
};

export const agentChanges = (
  before: readonly AgentResource[],
  after: readonly AgentResource[],
): readonly RunChange[] =>
  pairsOf(before, after).flatMap(([was, is]) => [
    ...(was === null ? [spawned(is)] : []),
    ...(is.crashes > (was?.crashes ?? 0) ? [crashed(was, is)] : []),
    ...(is.endedAt !== null && (was === null || was.endedAt === null) ? [ended(was, is)] : []),
  ]);
