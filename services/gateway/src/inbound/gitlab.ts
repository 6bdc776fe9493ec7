import { createHash, timingSafeEqual } from 'node:crypto';
import type { CiStatus } from '@partitura/shared/events';
import { at, type CiReport, commitIn, textAt, urlIn } from './ci-report.ts';

/** `X-Gitlab-Token`: the secret itself. Compared by its hash, so that the time it takes says nothing of its length either. */
export const isFromGitlab = (token: string | undefined, secret: string): boolean =>
  timingSafeEqual(hashOf(token ?? ''), hashOf(secret));

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const statuses: ReadonlyMap<string, CiStatus> = new Map([
  ['running', 'running'],
  ['success', 'passed'],
  ['failed', 'failed'],
  ['canceled', 'cancelled'],
  ['canceling', 'cancelled'],
  ['skipped', 'skipped'],
]);

/** What GitLab says of a branch; nothing for events that are about something else. */
export const gitlabReports = (payload: unknown): readonly CiReport[] => {
  const branch = textAt(payload, 'object_attributes', 'ref');
  const isOfBranch = at(payload, 'object_attributes', 'tag') !== true && !isFromFork(payload);
  if (textAt(payload, 'object_kind') !== 'pipeline' || branch === null || !isOfBranch) return [];
  return [
    {
      branch,
      name: (textAt(payload, 'object_attributes', 'name') ?? 'pipeline').slice(0, 200),
      status: statuses.get(textAt(payload, 'object_attributes', 'status') ?? '') ?? 'queued',
      commit: commitIn(at(payload, 'object_attributes', 'sha')),
      url: urlIn(at(payload, 'object_attributes', 'url')),
    },
  ];
};

/** A fork may name its branches as it likes: what is found there says nothing of ours. */
const isFromFork = (payload: unknown): boolean =>
  at(payload, 'merge_request', 'source_project_id') !== at(payload, 'merge_request', 'target_project_id');
