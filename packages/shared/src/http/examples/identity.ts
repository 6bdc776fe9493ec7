import type { Examples } from './example.ts';
import { ids, of, pageOf, positions } from './samples.ts';

const key = { id: 'acme.5h8k2m9p', position: positions.now };
const member = { id: 'ada@example.com', memberId: 'ada@example.com' };
const organization = { id: 'acme', position: positions.now };
const quotas = { requestsPerMinute: 600, maxConcurrentRuns: 4, maxProjects: null };

export const identityExamples = {
  createApiKey: {
    body: { name: 'ci', role: 'operator', scopes: ['runs:write'], expiresAt: '2027-03-02T00:00:00.000Z' },
    result: { ...key, secret: 'ptk_<id>_<secret>' },
  },
  listApiKeys: {
    result: pageOf({
      id: key.id,
      name: 'ci',
      role: 'operator' as const,
      scopes: ['runs:write'],
      status: 'active' as const,
      createdAt: '2026-03-02T08:00:00.000Z',
      createdBy: 'user:ada@example.com',
      expiresAt: '2027-03-02T00:00:00.000Z',
      lastUsedAt: '2026-03-02T08:00:00.000Z',
    }),
  },
  revokeApiKey: { params: of(key.id), result: key },
  createOrganization: { body: { id: 'acme', name: 'Acme', quotas }, result: organization },
  listOrganizations: {
    result: pageOf({
      id: 'acme',
      name: 'Acme',
      quotas,
      members: 3,
      keys: 2,
      createdAt: '2026-03-02T08:00:00.000Z',
      revision: 7,
    }),
  },
  getOrganization: {
    params: of('acme'),
    result: {
      id: 'acme',
      name: 'Acme',
      quotas,
      members: 3,
      keys: 2,
      createdAt: '2026-03-02T08:00:00.000Z',
      revision: 7,
    },
  },
  changeOrganization: { params: of('acme'), body: { name: 'Acme Ltd' }, result: organization },
  addMember: {
    params: of('acme'),
    body: { id: member.id, role: 'admin' },
    result: { id: member.id, position: positions.now },
  },
  listMembers: {
    params: of('acme'),
    result: pageOf({
      id: member.id,
      role: 'admin' as const,
      addedAt: '2026-03-02T08:10:00.000Z',
      revision: 3,
    }),
  },
  changeMember: {
    params: { id: 'acme', memberId: member.id },
    body: { role: 'viewer' },
    result: { id: member.id, position: positions.now },
  },
  removeMember: {
    params: { id: 'acme', memberId: member.id },
    result: { id: member.id, position: positions.now },
  },
  listAudit: {
    query: { actor: 'key:acme.5h8k2m9p', limit: 20 },
    result: pageOf({
      id: 'c_9a1b2c3d4e/0',
      time: '2026-03-02T08:41:12.402Z',
      position: positions.now,
      organizationId: 'acme',
      actor: 'key:acme.5h8k2m9p',
      kind: 'command' as const,
      type: 'run.paused',
      target: `run-${ids.run}`,
      operation: 'pauseRun',
      code: null,
      reason: 'Lunch.',
      count: 1,
      correlationId: 'q_5r8t1y3u7i',
      projectId: ids.project,
      runId: ids.run,
    }),
  },
} satisfies Examples;
