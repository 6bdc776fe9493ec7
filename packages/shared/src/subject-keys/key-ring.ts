import type { OrganizationId } from '../events/index.ts';
import { PartituraError } from '../runtime/errors.ts';
import type { KeyBox } from './key-box.ts';
import type { KeptSubject, SubjectKeyStore } from './port.ts';
import { type Sealer, sealerOf } from './sealer.ts';
import type { ErasedSubject, Subject } from './subject.ts';

/** The keys of subjects as a process has them: in memory alone, and gone from there when they are erased. */
export interface KeyRing {
  /** Where there is none, this is all that is ever asked. */
  readonly isEmpty: () => boolean;
  /** Another number whenever something that was made with it may say too much, or too little, now. */
  readonly generation: () => number;
  /** Of one organisation; null: of the whole installation. */
  sealer(organizationId: OrganizationId | null): Sealer;
  /** Those of one organisation, or all: known first by what they are called, erased by what is left. */
  list(organizationId: OrganizationId | null): readonly (Subject | ErasedSubject)[];
  /** Durable when it resolves. Adds nothing where the id is known. @throws {PartituraError} `SUBJECT_KEYS_NOT_CONFIGURED` */
  declare(subject: Subject): Promise<void>;
  /** Durable when it resolves, and forgotten here. @throws {PartituraError} `SUBJECT_KEYS_NOT_CONFIGURED` */
  erase(id: string, erasedAt: string): Promise<boolean>;
  /** From now on subjects are kept there; those that are known there are known here when it resolves. */
  /** @param settled when others who have it know of a change; default: there is nobody else */
  attach(store: SubjectKeyStore, box: KeyBox, settled?: () => Promise<void>): Promise<void>;
  /** Reads the store again where it has changed. */
  refresh(): Promise<void>;
}

export const isErased = (subject: Subject | ErasedSubject): subject is ErasedSubject => 'erasedAt' in subject;

interface Attached {
  readonly store: SubjectKeyStore;
  readonly box: KeyBox;
  readonly settled: () => Promise<void>;
}

export const keyRing = (): KeyRing => {
  let attached: Attached | null = null;
  let mark: string | null = null;
  let generation = 0;
  let known: readonly (Subject | ErasedSubject)[] = [];
  let sealers = new Map<OrganizationId | null, Sealer>();

  const ownedBy = (organizationId: OrganizationId | null) =>
    known.filter((one) => organizationId === null || one.organizationId === organizationId);

  const required = (): Attached => {
    if (attached) return attached;
    throw new PartituraError(
      'SUBJECT_KEYS_NOT_CONFIGURED',
      'There is no place where keys of subjects are kept.',
      {
        advice: 'Set PARTITURA_SUBJECT_KEYS_URL to a PostgreSQL database that all services reach.',
      },
    );
  };

  const read = async ({ store, box }: Attached, force: boolean): Promise<void> => {
    // Before the reading: what changes meanwhile is read the next time.
    const next = await store.mark();
    if (!force && next === mark) return;
    const all = await store.all();
    known = all.map((kept) => opened(kept, box)).sort(byDeclaration);
    sealers = new Map();
    generation += 1;
    mark = next;
  };

  return {
    isEmpty: () => known.length === 0,
    generation: () => generation,
    sealer: (organizationId) => {
      const made = sealers.get(organizationId);
      if (made) return made;
      const sealer = sealerOf(ownedBy(organizationId).flatMap((one) => (isErased(one) ? [] : [one])));
      sealers.set(organizationId, sealer);
      return sealer;
    },
    list: ownedBy,
    declare: async (subject) => {
      const place = required();
      await place.store.add(place.box.seal(subject));
      await read(place, true);
      await place.settled();
    },
    erase: async (id, erasedAt) => {
      const place = required();
      const isKnown = await place.store.erase(id, erasedAt);
      await read(place, true);
      await place.settled();
      return isKnown;
    },
    attach: async (store, box, settled = async () => undefined) => {
      attached = { store, box, settled };
      await read(attached, true);
    },
    refresh: async () => {
      if (attached) await read(attached, false);
    },
  };
};

const opened = (kept: KeptSubject, box: KeyBox): Subject | ErasedSubject => {
  const { id, organizationId, declaredAt, secret, erasedAt } = kept;
  if (secret !== null) return box.open({ ...kept, secret });
  return { id, organizationId, declaredAt, erasedAt: erasedAt ?? declaredAt };
};

/** Of two that have an identifier in common, the one that was declared first seals it. */
const byDeclaration = (left: Subject | ErasedSubject, right: Subject | ErasedSubject): number =>
  left.declaredAt.localeCompare(right.declaredAt) || left.id.localeCompare(right.id);
