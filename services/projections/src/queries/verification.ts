import type { BlobStore } from '@partitura/shared/blobs';
import { streamName } from '@partitura/shared/events';
import type { OperationOutput, Operations, VerifiedTask } from '@partitura/shared/http';
import { planDocument, type Requirement } from '@partitura/shared/planning';
import { valueIn } from '../folding/records.ts';
import { type Spoken, type SpokenIn, spokenIn } from '../history/spoken.ts';
import { isDropped } from '../runs/present-run.ts';
import type { TaskDocument } from '../tasks/task-document.ts';
import type { Readers } from './readers.ts';

/** Of the plan that the run accepted last; none before it did. */
const requirementsOf = async (spoken: SpokenIn, blobs: BlobStore): Promise<readonly Requirement[]> => {
  const accepted = (await spoken('plan.accepted')).at(-1);
  if (!accepted) return [];
  const content = new TextDecoder().decode(await blobs.get(accepted.data.plan.hash));
  return planDocument.parse(JSON.parse(content)).requirements;
};

const tasksOf = async (
  readers: Readers,
  spoken: SpokenIn,
  runId: string,
): Promise<readonly TaskDocument[]> => {
  const dropped = (await spoken('run.replanned')).flatMap(({ data }) => data.cancelled);
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
const evidenceOf = async (spoken: SpokenIn) => {
  const verified = await spoken('agent.verified');
  const approved = await spoken('task.approved');
  const gates = await spoken('gate.evaluated');
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
  const { position, tasks: counted } = await readers.one('runs', runId);
  const spoken = await spokenIn(readers, runId);
  const requirements = await requirementsOf(spoken, blobs);
  const all = await tasksOf(readers, spoken, runId);
  const evidence = await evidenceOf(spoken);
  const ids = new Set(requirements.map(({ id }) => id));
  return {
    runId,
    requirements: requirements.map(({ id, sourceId, text, line }) => {
      const serving = all.filter(({ requirementIds }) => requirementIds.includes(id));
      const met = serving.length > 0 && serving.every(({ status }) => status === 'completed');
      const how = serving.flatMap(({ key }) => valueIn(counted, key) ?? []);
      const dropped = isDropped(id, how) ? { dropped: true } : {};
      return { id, sourceId, text, line, met, ...dropped, taskIds: serving.map((task) => task.id) };
    }),
    tasks: all
      .filter(({ requirementIds }) => requirementIds.some((id) => ids.has(id)))
      .map((task) => verifiedTask(task, evidence)),
    position,
  };
};
