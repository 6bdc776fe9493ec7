import {
  askByType,
  type BlobReference,
  type ByType,
  type CheckResult,
  ownerOf,
  type RecordedEvent,
} from '@partitura/shared/events';
import { type ArtifactResource, placeOf } from '@partitura/shared/http';
import type { KnownType, Owned, Projection } from '../folding/projection.ts';

/**
 * One document per content and run (or project): the same text in two runs is one artifact with two places, and each run lists
 * it. `hash` is the artifact's id outside. A run belongs to one organisation, and so does each document: where two have the same
 * content, each has its own word of it, and looks the id up among its own.
 */
export interface ArtifactDocument extends ArtifactResource, Owned {
  readonly hash: string;
  /** Position of the event that mentioned it first. */
  readonly madeAt: string;
}

interface Mention {
  readonly kind: ArtifactResource['kind'];
  readonly name: string;
  readonly content: BlobReference;
}

const outputs = ({ checks }: { readonly checks: readonly CheckResult[] }): readonly Mention[] =>
  checks.flatMap(({ name, output }) =>
    output === null ? [] : [{ kind: 'check_output' as const, name, content: output }],
  );

const mentions: ByType<KnownType, [], [], readonly Mention[]> = {
  'project.created': ({ prd }) => [{ kind: 'prd', name: prd.name, content: prd.content }],
  'project.prd_revised': ({ prd }) => [{ kind: 'prd', name: prd.name, content: prd.content }],
  'run.created': ({ configuration: { prd } }) => [{ kind: 'prd', name: prd.name, content: prd.content }],
  'plan.requirements_identified': ({ content }) => [{ kind: 'requirements', name: 'requirements', content }],
  'plan.architecture_described': ({ content }) => [{ kind: 'architecture', name: 'architecture', content }],
  'plan.proposed': ({ plan, planRevision }) => [
    { kind: 'plan', name: `plan, revision ${planRevision}`, content: plan },
  ],
  'model.requested': ({ purpose, request }) => [{ kind: 'prompt', name: purpose, content: request }],
  'model.answered': ({ callId, answer }) => [{ kind: 'answer', name: callId, content: answer }],
  'tool.returned': ({ tool, result }) => [{ kind: 'tool_result', name: tool, content: result }],
  'agent.checked': outputs,
  'agent.verified': outputs,
  'merge.completed': outputs,
  'merge.rejected': outputs,
};

const mentionsOf = (event: RecordedEvent): readonly Mention[] => askByType(mentions, event, [], []) ?? [];

const idOf = (event: RecordedEvent, { content }: Mention): string => {
  const { runId, projectId } = placeOf(event);
  return `${runId ?? projectId ?? ''}/${content.hash}`;
};

export const artifacts: Projection<ArtifactDocument> = {
  name: 'artifacts',
  version: 2,
  indexes: [
    ['runId', 'madeAt'],
    ['projectId', 'madeAt'],
    ['hash', 'madeAt'],
  ],
  types: new Set(Object.keys(mentions)),
  keys: (event) => mentionsOf(event).map((mention) => idOf(event, mention)),
  apply: (document, event, id) => {
    const mention = mentionsOf(event).find((one) => idOf(event, one) === id);
    if (document || !mention) return document;
    const { runId, projectId, taskId } = placeOf(event);
    const { hash, contentType, size, preview } = mention.content;
    return {
      id,
      organizationId: ownerOf(event.metadata),
      hash,
      runId,
      projectId: projectId ?? '',
      taskId,
      kind: mention.kind,
      name: mention.name,
      contentType,
      size,
      preview,
      createdAt: event.time,
      position: event.position,
      madeAt: event.position,
    };
  },
};

export const presentArtifact = ({
  hash,
  madeAt: _,
  organizationId: __,
  ...document
}: ArtifactDocument): ArtifactResource => ({
  ...document,
  id: hash,
});
