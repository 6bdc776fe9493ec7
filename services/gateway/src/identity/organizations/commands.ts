import type { OrganizationId, Quotas } from '@partitura/shared/events';
import type { Rights, Role } from '@partitura/shared/http';

/** All of them name their organisation: `default` is there before its stream is. */
export type OrganizationCommand = { readonly organizationId: OrganizationId; readonly at: string } & (
  | { readonly kind: 'create'; readonly name: string; readonly quotas: Quotas }
  | {
      readonly kind: 'change';
      readonly name: string | undefined;
      readonly quotas: { readonly [Name in keyof Quotas]?: Quotas[Name] | undefined };
      readonly ifRevision: number | null;
    }
  | { readonly kind: 'add_member'; readonly memberId: string; readonly role: Role; readonly by: Rights }
  | {
      readonly kind: 'change_role';
      readonly memberId: string;
      readonly role: Role;
      readonly by: Rights;
      readonly ifRevision: number | null;
    }
  | {
      readonly kind: 'remove_member';
      readonly memberId: string;
      readonly by: Rights;
      readonly ifRevision: number | null;
    }
  | {
      readonly kind: 'create_key';
      readonly keyId: string;
      readonly name: string;
      readonly role: Role;
      readonly scopes: readonly string[] | null;
      readonly expiresAt: string | null;
      readonly hash: string;
      readonly by: Rights;
      readonly createdBy: string;
    }
  | { readonly kind: 'revoke_key'; readonly keyId: string; readonly by: Rights }
  | { readonly kind: 'use_key'; readonly keyId: string }
);

export type CommandOf<Kind extends OrganizationCommand['kind']> = Extract<
  OrganizationCommand,
  { kind: Kind }
>;
