import type { EventSealing } from '../event-store/index.ts';
import { type EventMetadata, ownerOf } from '../events/index.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * Where personal data never are, or are what somebody is let in by.
 *
 * What says where something is, or which it is, and not what anybody wrote: with a token in it nothing would find it any more. A subject
 * whose name is that of a model or of a directory of sources would bring everything to a halt. What stands there in the clear is counted
 * and told when a subject is declared and erased.
 */
const places: ReadonlySet<string> = new Set([
  ...['id', 'key', 'hash', 'kind', 'type', 'status', 'state', 'role', 'code', 'purpose', 'phase', 'act'],
  ...['callId', 'taskId', 'runId', 'projectId', 'attemptId', 'agentId', 'nodeId', 'requestId', 'toolCallId'],
  ...[
    'memberId',
    'model',
    'fallbackModels',
    'tool',
    'agentType',
    'runner',
    'contentType',
    'outcome',
    'workflow',
  ],
  ...[
    'url',
    'branch',
    'baseBranch',
    'commit',
    'base',
    'baseCommit',
    'dependsOn',
    'ciphertext',
    'iv',
    'tag',
    'keyId',
  ],
]);

/** Seals events by the keys of the organisation that their metadata name. */
export const eventSealing = (ring: KeyRing): EventSealing => ({
  data: (data, metadata) => {
    const sealer = sealerFor(ring, metadata);
    return sealer === null ? data : sealer.sealData(data, (key) => places.has(key));
  },
  metadata: (metadata) => {
    const sealer = sealerFor(ring, metadata);
    if (sealer === null) return metadata;
    const actor = sealer.sealText(metadata.actor);
    return actor === metadata.actor ? metadata : { ...metadata, actor };
  },
});

const sealerFor = (ring: KeyRing, metadata: EventMetadata) =>
  ring.isEmpty() ? null : ring.sealer(ownerOf(metadata));
