import type { OrganizationId } from '../events/index.ts';

/** Somebody whose data can be erased, as a process that may read it has them. */
export interface Subject {
  /** `sub_` and twelve hexadecimal digits. */
  readonly id: string;
  readonly organizationId: OrganizationId;
  /** 32 random bytes: whoever erases them has erased all that they sealed. */
  readonly key: Uint8Array;
  /** Names, addresses, numbers: what stands for the subject in texts. */
  readonly identifiers: readonly string[];
  readonly label: string | null;
  readonly declaredAt: string;
}

/** What is left of a subject: that there was one. */
export interface ErasedSubject {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly declaredAt: string;
  readonly erasedAt: string;
}
