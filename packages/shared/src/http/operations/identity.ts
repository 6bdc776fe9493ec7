import { z } from 'zod';
import { quotas, role } from '../../events/index.ts';
import {
  apiKeyResource,
  auditResource,
  memberResource,
  organizationResource,
} from '../identity-resources.ts';
import { defineOperation } from '../operation.ts';
import { accepted, byId, nothing, paged, pageOf, paging, query, read } from './shapes.ts';

const time = z.iso.datetime();
const name = z.string().trim().min(1).max(100);

const quotasInput = quotas.partial();
const memberId = z.string().trim().min(1).max(255);
const byMember = z.strictObject({ id: byId.shape.id, memberId });

const own = { owner: 'gateway', query: nothing } as const;
const looking = { method: 'GET', owner: 'gateway', body: null, status: 200 } as const;

export const createApiKeyBody = z.strictObject({
  name,
  role: role.default('operator'),
  /** Left out: whatever the role may, and whoever makes the key. */
  scopes: z.array(z.string().min(1).max(100)).min(1).max(50).optional(),
  expiresAt: time.optional(),
});

const keyOperations = {
  createApiKey: defineOperation({
    ...own,
    method: 'POST',
    path: '/api-keys',
    role: 'admin',
    summary: 'Make an API key.',
    description:
      'The key stands in `secret` of this one answer; the server keeps its hash. The same request with the same Idempotency-Key makes no second key and answers with the same id and `secret: null`: a key whose answer was lost is revoked and made anew. A key has at most the role and the scopes of whoever makes it. Scopes: `read`, `write`, `<resource>:read`, `<resource>:write`, where the resource is a collection of this API such as `runs`; who may write may read.',
    params: nothing,
    body: createApiKeyBody,
    result: z.strictObject({ id: z.string(), secret: z.string().nullable(), position: z.string() }),
    status: 201,
    secretAnswer: true,
  }),
  listApiKeys: defineOperation({
    ...looking,
    path: '/api-keys',
    role: 'admin',
    summary: 'API keys, newest first; never their secrets.',
    params: nothing,
    query: paged,
    result: pageOf(apiKeyResource),
  }),
  revokeApiKey: defineOperation({
    ...own,
    method: 'DELETE',
    path: '/api-keys/:id',
    role: 'admin',
    summary: 'Revoke an API key: within a second no server takes it any more.',
    params: byId,
    body: null,
    result: accepted,
    status: 200,
  }),
};

const organizationOperations = {
  createOrganization: defineOperation({
    ...own,
    method: 'POST',
    path: '/organizations',
    role: 'owner',
    summary: 'Create an organisation.',
    description: 'For owners of the installation. Act for it with the header `Partitura-Organization: <id>`.',
    params: nothing,
    body: z.strictObject({
      name,
      id: z
        .string()
        .min(2)
        .max(40)
        .regex(
          /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/,
          'has to be lower-case letters and digits, with single hyphens or underscores between them',
        )
        .optional(),
      quotas: quotasInput.optional(),
    }),
    result: accepted,
    status: 201,
  }),
  listOrganizations: query(
    '/organizations',
    'Organisations: one’s own, or all for owners of the installation.',
    paged,
    pageOf(organizationResource),
    'gateway',
  ),
  getOrganization: defineOperation({
    ...looking,
    path: '/organizations/:id',
    role: 'viewer',
    summary: 'An organisation.',
    params: byId,
    query: read,
    result: organizationResource,
  }),
  changeOrganization: defineOperation({
    ...own,
    method: 'PATCH',
    path: '/organizations/:id',
    role: 'owner',
    summary: 'Change an organisation’s name or quotas.',
    description:
      'Quotas are changed by owners of the installation alone. `requestsPerMinute` is counted per server; `maxConcurrentRuns` and `maxProjects` are looked at when a run or a project is created. What is left out stays; null takes a limit away.',
    params: byId,
    body: z.strictObject({ name: name.optional(), quotas: quotasInput.optional() }),
    result: accepted,
    status: 200,
  }),
};

const memberOperations = {
  addMember: defineOperation({
    ...own,
    method: 'POST',
    path: '/organizations/:id/members',
    role: 'admin',
    summary:
      'Make somebody a member, by subject or verified e-mail address as the identity provider has them.',
    params: byId,
    body: z.strictObject({ id: memberId, role }),
    result: accepted,
    status: 201,
  }),
  listMembers: defineOperation({
    ...looking,
    path: '/organizations/:id/members',
    role: 'viewer',
    summary: 'Who belongs to an organisation, in the order of their ids.',
    params: byId,
    query: paged,
    result: pageOf(memberResource),
  }),
  changeMember: defineOperation({
    ...own,
    method: 'PATCH',
    path: '/organizations/:id/members/:memberId',
    role: 'admin',
    summary: 'Give a member another role. The last owner stays one.',
    params: byMember,
    body: z.strictObject({ role }),
    result: accepted,
    status: 200,
  }),
  removeMember: defineOperation({
    ...own,
    method: 'DELETE',
    path: '/organizations/:id/members/:memberId',
    role: 'admin',
    summary: 'Remove a member. The last owner stays.',
    params: byMember,
    body: null,
    result: accepted,
    status: 200,
  }),
};

export const identityOperations = {
  ...keyOperations,
  ...organizationOperations,
  ...memberOperations,
  listAudit: defineOperation({
    method: 'GET',
    path: '/audit',
    owner: 'projections',
    role: 'admin',
    summary:
      'Commands, denials and reads, newest first: who did what, who was not allowed to, and who looked at what.',
    description:
      'Reads are recorded of whoever has to show who they are, once a second: what a server that is killed had read out in its last second is lost. Who works on their own machine without keys is nobody in particular, and their reads are not recorded.',
    params: nothing,
    query: z.strictObject({
      ...paging,
      actor: z.string().max(300).optional(),
      /** Of the event: `run.cancelled`, `access.denied`. */
      type: z.string().max(100).optional(),
      kind: z.enum(['command', 'denied', 'read']).optional(),
      from: time.optional(),
      to: time.optional(),
    }),
    body: null,
    result: pageOf(auditResource),
    status: 200,
  }),
};
