import type { BlobStore } from '@partitura/shared/blobs';
import { type AgentEvent, type RunEvent, streamName } from '@partitura/shared/events';
import {
  fromCloudEvent,
  type OperationOutput,
  type Operations,
  type VerifiedTask,
} from '@partitura/shared/http';
import { planDocument, type Requirement } from '@partitura/shared/planning';
import type { TaskDocument } from '../tasks/task-document.ts';
import type { Readers } from './readers.ts';

type Said = RunEvent | AgentEvent;
type DataOf<Type extends Said['type']> = Extract<Said, { type: Type }>['data'];

interface Spoken<Type extends Said['type']> {
  readonly stream: string;
  readonly actor: string;
  readonly data: DataOf<Type>;
}

/** All events of a type in the run's history, in order. */
const spoken = async <Type extends Said['type']>(
  readers: Readers,
  runId: string,
  type: Type,
): Promise<readonly Spoken<Type>[]> => {
  const pages = await Array.fromAsync(readers.pages('history', { where: { runId, type } }));
  return pages.flat().map(({ event }) => {
    const { stream, metadata, data } = fromCloudEvent(event);
    // The registry held it to its contract when it was appended.
    return { stream, actor: metadata.actor, data: data as DataOf<Type> };
  });
};

/** Of the plan that the run accepted last; none before it did. */
const requirementsOf = async (
  readers: Readers,
  blobs: BlobStore,
  runId: string,
): Promise<readonly Requirement[]> => {
  const accepted = (await spoken(readers, runId, 'plan.accepted')).at(-1);
  if (!accepted) return [];
  const content = new TextDecoder().decode(await blobs.get(accepted.data.plan.hash));
  return planDocument.parse(JSON.parse(content)).requirements;
};

const tasksOf = async (readers: Readers, runId: string): Promise<readonly TaskDocument[]> => {
  const dropped = (await spoken(readers, runId, 'run.replanned')).flatMap(({ data }) => data.cancelled);
  const gone = new Set(dropped);
  const pages = await Array.fromAsync(
    readers.pages('tasks', { where: { runId }, sort: { field: 'addedAt', direction: 'ascending' } }),
  );
  return pages.flat().filter(({ id, children }) => children === null && !gone.has(id));
};

const checksOf = (
  verified: Spoken<'agent.verified'> | undefined,
): Pick<VerifiedTask, 'checks' | 'criteria'> => ({
  checks: (verified?.data.checks ?? []).map(({ name, command, outcome, passed, failed, output }) => ({
    name,
    command,
    outcome,
    passed,
    failed,
    artifactId: output?.hash ?? null,
  })),
  criteria: verified?.data.criteria ?? [],
});

/** What there is to be said of each task, by its id; of verifications the last, which is the one that counted. */
const evidenceOf = async (readers: Readers, runId: string) => {
  const verified = await spoken(readers, runId, 'agent.verified');
  const approved = await spoken(readers, runId, 'task.approved');
  const gates = await spoken(readers, runId, 'gate.evaluated');
  return {
    verified: new Map(verified.map((one) => [one.stream, one] as const)),
    approved: new Map(approved.map((one) => [one.data.taskId, one.actor] as const)),
    gates: Map.groupBy(gates, ({ data }) => data.subject),
  };
};

const verifiedTask = (
  { id, key, title, status, commit, agentId }: TaskDocument,
  { verified, approved, gates }: Awaited<ReturnType<typeof evidenceOf>>,
): VerifiedTask => {
  const byAgent = agentId === null ? undefined : verified.get(streamName('agent', agentId));
  const approvedBy = approved.get(id) ?? null;
  const isVerified = status === 'completed' && byAgent?.data.passed === true;
  const verifiedBy = isVerified ? 'checks' : null;
  return {
    taskId: id,
    key,
    title,
    status,
    commit: status === 'completed' ? commit : null,
    verifiedBy: approvedBy === null ? verifiedBy : 'operator',
    agentId,
    approvedBy,
    ...checksOf(byAgent),
    gates: (gates.get(id) ?? []).map(({ data: { gate, verdict } }) => ({ gate, verdict })),
  };
};

/** From each requirement to the tasks that serve it, and to what shows that their work holds. */
export const verificationOf = async (
  readers: Readers,
  blobs: BlobStore,
  runId: string,
): Promise<OperationOutput<Operations['getRunVerification']>> => {
  const { position } = await readers.one('runs', runId);
  const requirements = await requirementsOf(readers, blobs, runId);
  const all = await tasksOf(readers, runId);
  const evidence = await evidenceOf(readers, runId);
  const ids = new Set(requirements.map(({ id }) => id));
  return {
    runId,
    requirements: requirements.map(({ id, sourceId, text, line }) => {
      const serving = all.filter(({ requirementIds }) => requirementIds.includes(id));
      const met = serving.length > 0 && serving.every(({ status }) => status === 'completed');
      return { id, sourceId, text, line, met, taskIds: serving.map((task) => task.id) };
    }),
    tasks: all
      .filter(({ requirementIds }) => requirementIds.some((id) => ids.has(id)))
      .map((task) => verifiedTask(task, evidence)),
    position,
  };
};
