import { describe, expect, it } from '@jest/globals';
import {
  asOrganizationId,
  asPosition,
  type Category,
  type EventMetadata,
  type RecordedEvent,
  streamName,
} from '@partitura/shared/events';
import type { Readers } from '../queries/readers.ts';
import { foldInBatches } from '../testing/fold.ts';
import { audit } from './audit.ts';
import { auditHandlers } from './audit-operations.ts';

let count = 0;
const event = (
  category: Category,
  type: string,
  id: string,
  actor: string,
  more: { readonly data?: unknown; readonly metadata?: Partial<EventMetadata> } = {},
): RecordedEvent => {
  count += 1;
  return {
    id,
    type,
    version: 1,
    data: more.data ?? {},
    time: '2026-01-01T00:00:00.000Z',
    metadata: { source: '/x', actor, correlationId: 'q', causationId: null, ...more.metadata },
    stream: streamName(category, 'x'),
    revision: 0,
    position: asPosition(String(count).padStart(4, '0')),
    hash: 'a'.repeat(64),
  };
};

const fold = async (...events: readonly RecordedEvent[]) =>
  [...(await foldInBatches(audit, events, [1, 1])).values()].map((text) => JSON.parse(text));

describe('the audit', () => {
  it('has each command of people and keys once, under the organisation it was for', async () => {
    const acme = { organizationId: asOrganizationId('acme') };
    expect(
      await fold(
        event('project', 'project.run_requested', 'c_1/0', 'key:acme01', { metadata: acme }),
        event('project', 'project.phase_changed', 'c_1/1', 'key:acme01', { metadata: acme }),
        event('run', 'run.created', 'c_1/0>/0', 'key:acme01', { metadata: acme }),
        event('run', 'run.paused', 'c_2/0', 'user:local'),
      ),
    ).toMatchObject([
      { kind: 'command', type: 'project.run_requested', actor: 'key:acme01', organizationId: 'acme' },
      { kind: 'command', type: 'run.paused', actor: 'user:local', organizationId: 'default' },
    ]);
  });

  it('has nothing of agents, services, and answers that are kept', async () => {
    expect(
      await fold(
        event('run', 'task.started', 'c_1/0', 'service:orchestrator'),
        event('agent', 'agent.spawned', 'c_1/0', 'agent:r_1.T1.a1'),
        event('command', 'command.answered', 'c_1/0', 'user:local'),
        event('identity', 'key.used', 'u/0', 'service:gateway'),
      ),
    ).toEqual([]);
  });

  it('has denials, and how many more there were', async () => {
    const data = {
      operation: 'cancelRun',
      target: '/api/v1/runs/r_1/cancel',
      code: 'ROLE_TOO_LOW',
      reason: 'No.',
    };
    const from = '2026-01-01T00:00:00.000Z';
    const summed = { count: 40, codes: ['ROLE_TOO_LOW'], from, until: from };
    expect(
      await fold(
        event('audit', 'access.denied', 'd_1', 'key:acme01', { data }),
        event('audit', 'access.denials_suppressed', 'd_2', 'key:acme01', { data: summed }),
      ),
    ).toMatchObject([
      { kind: 'denial', ...data, count: 1 },
      { kind: 'denial', code: 'ROLE_TOO_LOW', count: 40 },
    ]);
  });

  it('has what was looked at, thing by thing, and who can be erased', async () => {
    const time = '2026-01-01T00:00:00.000Z';
    const one = { operation: 'getRun', target: '/api/v1/runs/r_1', count: 3, from: time, until: time };
    const two = { ...one, target: '/api/v1/runs/r_2', count: 1 };
    const subjectId = 'sub_0123456789ab';
    const documents = await fold(
      event('audit', 'access.read', 'a_1', 'key:acme01', { data: { reads: [one, two], more: 7 } }),
      event('audit', 'subject.erased', 's', 'user:x', { data: { subjectId, erasedAt: time } }),
    );
    expect(documents).toMatchObject([
      { kind: 'read', operation: 'getRun', target: one.target, count: 3, actor: 'key:acme01' },
      { kind: 'read', operation: 'getRun', target: two.target, count: 1 },
      { kind: 'read', operation: null, count: 7 },
      { kind: 'command', type: 'subject.erased', target: `/api/v1/subjects/${subjectId}`, actor: 'user:x' },
    ]);
    expect(new Set(documents.map(({ id }) => id)).size).toBe(4);
  });
});

describe('the list of it', () => {
  it('takes times however finely they are written', async () => {
    const asked: unknown[] = [];
    const { listAudit } = auditHandlers({
      upTo: async () => undefined,
      list: async (_: string, query: unknown) => {
        asked.push(query);
        return { items: [], nextCursor: null };
      },
    } as unknown as Readers);
    const query = { limit: 5, from: '2026-01-01T10:00:00Z', to: '2026-01-01T10:00:00.5Z', actor: 'user:x' };
    const context = {
      actor: 'user:x',
      organizationId: null,
      correlationId: 'q',
      commandId: '',
      expectedRevision: null,
    };
    await listAudit({ params: {}, query, body: null }, context);
    expect(asked).toMatchObject([
      {
        where: { actor: 'user:x' },
        between: { from: '2026-01-01T10:00:00.000Z', to: '2026-01-01T10:00:00.500Z' },
      },
    ]);
  });
});
