import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CiStatus } from '@partitura/shared/events';
import { at, type CiReport, commitIn, textAt, urlIn } from './ci-report.ts';

/** `X-Hub-Signature-256`: HMAC-SHA-256 of the body as it came. */
export const isSignedByGithub = (body: Buffer, signature: string | undefined, secret: string): boolean => {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(signature ?? '');
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
};

/** What GitHub says of a branch; nothing for events that are about something else. */
export const githubReports = (event: string | undefined, payload: unknown): readonly CiReport[] => {
  switch (event) {
    case 'check_run':
      return report(at(payload, 'check_run'), {
        branch: textAt(payload, 'check_run', 'check_suite', 'head_branch'),
        name: textAt(payload, 'check_run', 'name'),
      });
    case 'check_suite':
      return report(at(payload, 'check_suite'), {
        branch: textAt(payload, 'check_suite', 'head_branch'),
        name: textAt(payload, 'check_suite', 'app', 'name'),
      });
    case 'workflow_run':
      return isFromFork(payload)
        ? []
        : report(at(payload, 'workflow_run'), {
            branch: textAt(payload, 'workflow_run', 'head_branch'),
            name: textAt(payload, 'workflow_run', 'name'),
          });
    case 'status':
      return statusReports(payload);
    default:
      return [];
  }
};

/** A fork may name its branches as it likes: what is found there says nothing of ours. */
const isFromFork = (payload: unknown): boolean =>
  at(payload, 'workflow_run', 'head_repository', 'id') !== at(payload, 'repository', 'id');

const report = (
  subject: unknown,
  { branch, name }: { readonly branch: string | null; readonly name: string | null },
): readonly CiReport[] => {
  if (branch === null) return [];
  return [
    {
      branch,
      name: (name ?? 'GitHub').slice(0, 200),
      status: checkStatus(textAt(subject, 'status'), textAt(subject, 'conclusion')),
      commit: commitIn(at(subject, 'head_sha')),
      url: urlIn(at(subject, 'html_url')),
    },
  ];
};

const checkStatus = (status: string | null, conclusion: string | null): CiStatus => {
  if (status === 'in_progress') return 'running';
  if (status !== 'completed') return 'queued';
  switch (conclusion) {
    case 'success':
    case 'neutral':
      return 'passed';
    case 'skipped':
      return 'skipped';
    case 'cancelled':
    case 'stale':
      return 'cancelled';
    // Timed out, could not start, waits for somebody, or something that we do not know: it did not pass.
    default:
      return 'failed';
  }
};

/** A commit may be the head of several branches. */
const statusReports = (payload: unknown): readonly CiReport[] => {
  const branches = at(payload, 'branches');
  if (!Array.isArray(branches)) return [];
  const state = textAt(payload, 'state');
  const settled = state === 'success' ? 'passed' : 'failed';
  return branches.flatMap((one: unknown) => {
    const branch = textAt(one, 'name');
    return branch === null
      ? []
      : [
          {
            branch,
            name: (textAt(payload, 'context') ?? 'GitHub').slice(0, 200),
            status: state === 'pending' ? ('running' as const) : (settled as CiStatus),
            commit: commitIn(at(payload, 'sha')),
            url: urlIn(at(payload, 'target_url')),
          },
        ];
  });
};
