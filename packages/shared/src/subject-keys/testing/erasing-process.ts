/** Adds subjects and erases them, one after the other, until it is killed. Arguments: the file, and the number of the round. */
import { asOrganizationId } from '../../events/index.ts';
import { openEmbeddedSubjectKeys } from '../embedded-store.ts';

const [path = '', round = ''] = process.argv.slice(2);
const store = openEmbeddedSubjectKeys({ path });
const say = (text: string): Promise<void> =>
  new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()));

const mostSubjects = 200;
for (let number = 0; number < mostSubjects; number += 1) {
  const id = `sub_${round.padStart(6, '0')}${String(number).padStart(6, '0')}`;
  await store.add({
    id,
    organizationId: asOrganizationId('default'),
    declaredAt: '2026-01-01T00:00:00.000Z',
    secret: `secret of ${id}`.repeat(50),
    erasedAt: null,
  });
  await say(`added ${id}`);
  await store.erase(id, '2026-02-01T00:00:00.000Z');
  await say(`erased ${id}`);
}
