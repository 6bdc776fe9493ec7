import type { OrganizationId } from '../events/index.ts';

/** A subject as it is kept. Who it is stands in `secret` alone. */
export interface KeptSubject {
  readonly id: string;
  readonly organizationId: OrganizationId;
  /** ISO 8601 UTC. */
  readonly declaredAt: string;
  /** Its key, what it is known by, and its label, encrypted with the installation's key. Null once it was erased. */
  readonly secret: string | null;
  /** ISO 8601 UTC; null while there is a secret. */
  readonly erasedAt: string | null;
}

/** Where the keys of subjects are kept: beside the log, never in it, because a log is for ever. */
export interface SubjectKeyStore {
  /** Durable when it resolves. What is known by this id stays as it is, an erased subject erased. */
  add(subject: KeptSubject): Promise<void>;
  /**
   * Durable when it resolves, and the secret is overwritten. A crash leaves it as it was or erased. Erased before: nothing changes.
   * @returns whether there is such a subject
   */
  erase(id: string, erasedAt: string): Promise<boolean>;
  /** In the order of their ids. */
  all(): Promise<readonly KeptSubject[]>;
  /** Another text whenever something was added or erased, by whichever process. Cheap enough to be asked twice a second. */
  mark(): Promise<string>;
  close(): Promise<void>;
}
