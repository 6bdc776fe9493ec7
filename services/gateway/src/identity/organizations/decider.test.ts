import { describe, expect, it } from '@jest/globals';
import {
  asOrganizationId,
  defaultOrganization,
  type IdentityEvent,
  registry,
} from '@partitura/shared/events';
import type { Rights, Role } from '@partitura/shared/http';
import { decideFully } from '@partitura/shared/processing';
import type { OrganizationCommand } from './commands.ts';
import { organizationDecider } from './decider.ts';
import { unlimited } from './state.ts';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T01:00:00.000Z';
const acme = asOrganizationId('acme');
const metadata = { source: '/gateway', actor: 'user:x', correlationId: 'q', causationId: null };
const rightsOf = (role: Role, scopes: readonly string[] | null = null): Rights => ({ role, scopes });
const owner = rightsOf('owner');

type Given = readonly IdentityEvent[];
type Told = OrganizationCommand extends infer Command
  ? Command extends OrganizationCommand
    ? Omit<Command, 'organizationId' | 'at'> & { readonly at?: string }
    : never
  : never;

const created: IdentityEvent = {
  type: 'organization.created',
  data: { organizationId: 'acme', name: 'Acme', quotas: unlimited, createdAt: at },
};
const member = (memberId: string, role: Role): IdentityEvent => ({
  type: 'member.added',
  data: { memberId, role, addedAt: at },
});
const key = (keyId: string, role: Role): IdentityEvent => ({
  type: 'key.created',
  data: {
    keyId,
    name: 'CI',
    role,
    scopes: null,
    expiresAt: null,
    createdAt: at,
    createdBy: 'user:x',
    hash: 'a'.repeat(64),
  },
});

/** Given these events, when this command, then those events: each of which keeps its contract. */
const decide = (given: Given, command: Told, organizationId = acme): Given => {
  const state = given.reduce(
    (before, event) => organizationDecider.evolve(before, event, metadata),
    organizationDecider.initial(),
  );
  const whole = { at, organizationId, ...command } as OrganizationCommand;
  const { events } = decideFully(organizationDecider, whole, state, metadata);
  for (const { type, data } of events) registry.identity[type]?.schema.parse(data);
  return events;
};
const refused = (code: string) => expect.objectContaining({ code });

const makeKey = (more: Partial<Extract<OrganizationCommand, { kind: 'create_key' }>> = {}): Told => ({
  kind: 'create_key',
  keyId: 'acme0123456789',
  name: 'CI',
  role: 'operator',
  scopes: null,
  expiresAt: null,
  hash: 'b'.repeat(64),
  by: owner,
  createdBy: 'user:x',
  ...more,
});

describe('an organisation', () => {
  it('is created once', () => {
    const create: Told = { kind: 'create', name: 'Acme', quotas: unlimited };
    expect(decide([], create)).toEqual([created]);
    expect(() => decide([created], create)).toThrow(refused('ORGANIZATION_ALREADY_EXISTS'));
    expect(() => decide([], create, defaultOrganization)).toThrow(refused('ORGANIZATION_ALREADY_EXISTS'));
  });

  it('that was never created takes no command, except the default one, which begins with it', () => {
    expect(() => decide([], makeKey())).toThrow(refused('ORGANIZATION_NOT_FOUND'));
    const events = decide([], makeKey(), defaultOrganization);
    expect(events.map(({ type }) => type)).toEqual(['organization.created', 'key.created']);
    expect(decide([], { kind: 'use_key', keyId: 'x' }, defaultOrganization)).toEqual([]);
  });

  it('keeps what a change does not name, and knows when it was changed meanwhile', () => {
    const change = (
      quotas: Extract<OrganizationCommand, { kind: 'change' }>['quotas'],
      ifRevision: number | null = null,
    ): Told => ({ kind: 'change', name: undefined, quotas, ifRevision });
    const changed = decide([created], change({ maxProjects: 3 }, 0));
    expect(changed).toEqual([
      { type: 'organization.changed', data: { name: 'Acme', quotas: { ...unlimited, maxProjects: 3 } } },
    ]);
    const given = [created, ...changed];
    expect(decide(given, change({ maxProjects: 3 }))).toEqual([]);
    expect(decide(given, change({ maxProjects: null }))).toHaveLength(1);
    expect(() => decide(given, change({ maxProjects: 4 }, 0))).toThrow(refused('STALE_REVISION'));
  });
});

describe('members', () => {
  const change = (memberId: string, role: Role, by = owner): Told => ({
    kind: 'change_role',
    memberId,
    role,
    by,
    ifRevision: null,
  });
  const remove = (memberId: string, by = owner): Told => ({
    kind: 'remove_member',
    memberId,
    by,
    ifRevision: null,
  });
  const ann = member('ann', 'owner');

  it('are added once', () => {
    const add: Told = { kind: 'add_member', memberId: 'ann', role: 'owner', by: owner };
    expect(decide([created], add)).toEqual([ann]);
    expect(() => decide([created, ann], add)).toThrow(refused('MEMBER_ALREADY_THERE'));
  });

  it.each([
    ['demoted', change('ann', 'admin')],
    ['removed', remove('ann')],
  ])('the last owner cannot be %s, one of two can', (_, command) => {
    expect(() => decide([created, ann, member('bob', 'admin')], command)).toThrow(refused('LAST_OWNER'));
    expect(decide([created, ann, member('bob', 'owner')], command)).toHaveLength(1);
  });

  it('the last owner stays one after the other was demoted', () => {
    const given = [created, ann, member('bob', 'owner')];
    const demoted = decide(given, change('bob', 'viewer'));
    expect(() => decide([...given, ...demoted], remove('ann'))).toThrow(refused('LAST_OWNER'));
    expect(decide([...given, ...demoted], remove('bob'))).toHaveLength(1);
  });

  it.each<readonly [string, Told]>([
    [
      'make somebody more than they are',
      { kind: 'add_member', memberId: 'eve', role: 'owner', by: rightsOf('admin') },
    ],
    ['promote anybody beyond themselves', change('bob', 'owner', rightsOf('admin'))],
    ['demote who is more', change('ann', 'viewer', rightsOf('admin'))],
    ['remove who is more', remove('ann', rightsOf('admin'))],
  ])('cannot %s', (_, command) => {
    const given = [created, ann, member('zoe', 'owner'), member('bob', 'viewer')];
    expect(() => decide(given, command)).toThrow(refused('ROLE_TOO_LOW'));
  });

  it('are not found when they are none, and a change of nothing is none', () => {
    expect(() => decide([created], remove('ann'))).toThrow(refused('MEMBER_NOT_FOUND'));
    expect(() => decide([created], change('ann', 'viewer'))).toThrow(refused('MEMBER_NOT_FOUND'));
    expect(decide([created, ann], change('ann', 'owner'))).toEqual([]);
  });
});

describe('a key', () => {
  it('is made once by one command', () => {
    const events = decide([created], makeKey());
    expect(events).toMatchObject([{ type: 'key.created', data: { role: 'operator', scopes: null } }]);
    expect(decide([created, ...events], makeKey({ hash: 'c'.repeat(64) }))).toEqual([]);
  });

  it.each<readonly [string, string, Parameters<typeof makeKey>[0]]>([
    ['a role above that of its maker', 'ROLE_TOO_LOW', { role: 'owner', by: rightsOf('admin') }],
    [
      'a scope that its maker does not have',
      'SCOPE_MISSING',
      { scopes: ['runs:write'], by: rightsOf('owner', ['read', 'projects:write']) },
    ],
    [
      'all reading where its maker has some',
      'SCOPE_MISSING',
      { scopes: ['read'], by: rightsOf('owner', ['runs:read']) },
    ],
    [
      'everything where its maker reads',
      'SCOPE_MISSING',
      { scopes: ['write'], by: rightsOf('owner', ['read']) },
    ],
    ['a scope that is none', 'BAD_SCOPE', { scopes: ['rums:write'] }],
    ['a scope that is nearly one', 'BAD_SCOPE', { scopes: ['runs:write:x'] }],
    ['an end that is now', 'BAD_EXPIRY', { expiresAt: at }],
    ['an end in the past', 'BAD_EXPIRY', { expiresAt: '2025-12-31T23:59:59.999Z' }],
    ['no name', 'BAD_NAME', { name: '  ' }],
  ])('is not made with %s', (_, code, more) => {
    expect(() => decide([created], makeKey(more))).toThrow(refused(code));
  });

  it('has the scopes of its maker when it asks for none, and fewer when it asks for fewer', () => {
    const by = rightsOf('owner', ['runs:write', 'projects:read']);
    expect(decide([created], makeKey({ by }))).toMatchObject([{ data: { scopes: by.scopes } }]);
    expect(decide([created], makeKey({ by, scopes: ['runs:read'] }))).toMatchObject([
      { data: { scopes: ['runs:read'] } },
    ]);
  });

  it('is revoked once, by who may as much as it', () => {
    const given = [created, key('k', 'owner')];
    const revoke = (by = owner, keyId = 'k'): Told => ({ kind: 'revoke_key', keyId, by });
    expect(() => decide(given, revoke(rightsOf('admin')))).toThrow(refused('ROLE_TOO_LOW'));
    expect(() => decide(given, revoke(owner, 'l'))).toThrow(refused('KEY_NOT_FOUND'));
    const revoked = decide(given, revoke());
    expect(revoked).toEqual([{ type: 'key.revoked', data: { keyId: 'k' } }]);
    expect(decide([...given, ...revoked], revoke())).toEqual([]);
    expect(decide([...given, ...revoked], { kind: 'use_key', keyId: 'k', at: later })).toEqual([]);
  });

  it('is said to be used once an hour', () => {
    const given = [created, key('k', 'viewer')];
    const used = decide(given, { kind: 'use_key', keyId: 'k' });
    expect(used).toEqual([{ type: 'key.used', data: { keyId: 'k', usedAt: at } }]);
    const use = (usedAt: string): Told => ({ kind: 'use_key', keyId: 'k', at: usedAt });
    expect(decide([...given, ...used], use('2026-01-01T00:59:59.999Z'))).toEqual([]);
    expect(decide([...given, ...used], use(later))).toHaveLength(1);
  });

  it('survives being copied while others append', () => {
    const state = [created, key('k', 'viewer')].reduce(
      (before, event) => organizationDecider.evolve(before, event, metadata),
      organizationDecider.initial(),
    );
    const copy = organizationDecider.copy?.(state) ?? null;
    organizationDecider.evolve(state, { type: 'key.revoked', data: { keyId: 'k' } }, metadata);
    expect(copy?.keys.get('k')?.revoked).toBe(false);
    expect(state?.keys.get('k')?.revoked).toBe(true);
  });
});
