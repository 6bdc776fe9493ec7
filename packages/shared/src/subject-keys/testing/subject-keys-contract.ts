import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asOrganizationId } from '../../events/index.ts';
import type { KeptSubject, SubjectKeyStore } from '../port.ts';

export interface SubjectKeysUnderTest {
  readonly store: SubjectKeyStore;
  /** The same place, opened by somebody else. */
  another(): Promise<SubjectKeyStore>;
  close(): Promise<void>;
}

const subject = (number: number, changes: Partial<KeptSubject> = {}): KeptSubject => ({
  id: `sub_${String(number).padStart(12, '0')}`,
  organizationId: asOrganizationId('acme'),
  declaredAt: '2026-01-01T00:00:00.000Z',
  secret: `secret ${number}`,
  erasedAt: null,
  ...changes,
});
const erasedAt = '2026-02-01T00:00:00.000Z';

/** What every place where keys of subjects are kept has to do. */
export const subjectKeysContract = (name: string, open: () => Promise<SubjectKeysUnderTest>): void => {
  describe(`keys of subjects: ${name}`, () => {
    let under: SubjectKeysUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    it('are as they were added, in the order of their ids, for everybody', async () => {
      const { store } = under;
      expect(await store.all()).toEqual([]);
      await store.add(subject(2));
      await store.add(subject(1));
      expect(await store.all()).toEqual([subject(1), subject(2)]);
      expect(await (await under.another()).all()).toEqual([subject(1), subject(2)]);
    });

    it('stay as they are when the same id is added again', async () => {
      const { store } = under;
      await store.add(subject(1));
      await store.add(subject(1, { secret: 'another' }));
      expect(await store.all()).toEqual([subject(1)]);
    });

    it('are erased for good: for everybody, and also when they are added or erased again', async () => {
      const { store } = under;
      await store.add(subject(1));
      await store.add(subject(2));
      expect(await store.erase(subject(1).id, erasedAt)).toBe(true);
      await store.add(subject(1));
      expect(await store.erase(subject(1).id, '2027-01-01T00:00:00.000Z')).toBe(true);
      expect(await store.erase('sub_ffffffffffff', erasedAt)).toBe(false);
      const left = [subject(1, { secret: null, erasedAt }), subject(2)];
      expect(await store.all()).toEqual(left);
      expect(await (await under.another()).all()).toEqual(left);
    });

    it('say when something has changed, and only then', async () => {
      const { store } = under;
      const marks = [await store.mark(), await store.mark()];
      await store.add(subject(1));
      marks.push(await store.mark());
      await store.erase(subject(1).id, erasedAt);
      marks.push(await store.mark());
      expect(marks[1]).toBe(marks[0]);
      expect(new Set(marks).size).toBe(3);
    });
  });
};
